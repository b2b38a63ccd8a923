import { BundleStore } from '@m3/bundles';
import { ObjectStorage, readObjectStorageSettings } from '@m3/object-storage';
import { SecretStore } from '@m3/secrets';
import type { Environment, ServiceRuntime } from '@m3/service-kit';
import { createTargetAccess } from '@m3/target-access';
import { createGuardedHttp } from '@m3/target-environment';
import { VulnerabilityDatabase } from '@m3/vulnerabilities';
import { Module, type DynamicModule } from '@nestjs/common';
import { GatesController } from './adapters/nats/gates.controller.js';
import { StorageProbe } from './adapters/s3/storage-probe.js';
import { readConfig, type GatesConfig } from './config.js';
import { qualityGates } from './quality-gates/registry.js';
import { SigningSecrets } from './quality-gates/signing-secrets.js';
import { GateRuns } from './use-cases/gate-runs.js';
import { PlanGates } from './use-cases/plan-gates.js';
import { RunGates } from './use-cases/run-gates.js';
import { RunValidation } from './use-cases/run-validation.js';
import { SettleGates } from './use-cases/settle-gates.js';
import { watchGateDeadlines } from './use-cases/watch-gate-deadlines.js';

/** Pre-publish checks and quality gates. */
@Module({})
export class GatesModule {
  static create(runtime: ServiceRuntime, environment: Environment): DynamicModule {
    const { store, clock, bus, pool } = runtime;
    const { lease } = bus;
    const config = readConfig(environment);
    const objects = new ObjectStorage(readObjectStorageSettings(environment));
    runtime.onStop(() => objects.close());
    const storage = new StorageProbe(objects, config.backupBucket, clock);
    const targets = createTargetAccess(runtime, environment);
    const stopping = new AbortController();
    runtime.onStop(() => stopping.abort());
    const runs = new GateRuns(store);
    const validation = new RunValidation({ store, targets, storage, lease, clock });
    const parts = { gates: qualityGates(gateParts(runtime, config)), bundles: new BundleStore(pool) };
    const gates = new RunGates({ ...parts, runs, targets, lease, clock, stopping: stopping.signal });
    const settle = new SettleGates({ runs, store, clock });
    const deadlines = watchGateDeadlines(runtime, settle);
    deadlines.start();
    runtime.onStop(() => deadlines.stop());
    return {
      module: GatesModule,
      controllers: [GatesController],
      providers: [
        { provide: RunValidation, useValue: validation },
        { provide: RunGates, useValue: gates },
        { provide: SettleGates, useValue: settle },
        { provide: PlanGates, useValue: new PlanGates(parts) },
      ],
    };
  }
}

function gateParts(runtime: ServiceRuntime, config: GatesConfig): Parameters<typeof qualityGates>[0] {
  const { vulnerabilityFolder: folder, externalSecrets, publicUrl, secretKey: tokenKey } = config;
  const sealed = new SecretStore(runtime.pool, config.secretKeys, 'external_gate');
  const secrets = new SigningSecrets(sealed, externalSecrets);
  const http = createGuardedHttp({ allow: config.allowedAddresses });
  runtime.onStop(() => http.close());
  return {
    vulnerabilities: { database: folder === undefined ? null : new VulnerabilityDatabase(folder) },
    external: { http, secrets, publicUrl, tokenKey },
  };
}
