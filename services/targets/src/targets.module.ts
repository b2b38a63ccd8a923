import { BundleStore } from '@m3/bundles';
import { PostgresDeadLetterPayloads } from '@m3/messaging';
import { ObjectStorage, readObjectStorageSettings } from '@m3/object-storage';
import { rotateKeys, secretStores } from '@m3/secrets';
import type { Environment, ServiceRuntime } from '@m3/service-kit';
import { createTargetAccess, readSecretKeys, type GatewayAccess, type TargetAccess } from '@m3/target-access';
import { Module, type DynamicModule } from '@nestjs/common';
import { DeadLetterCommandsController } from './adapters/nats/dead-letter-commands.controller.js';
import { FreezeCommandsController } from './adapters/nats/freeze-commands.controller.js';
import { HealthCommandsController } from './adapters/nats/health-commands.controller.js';
import { SecretCommandsController } from './adapters/nats/secret-commands.controller.js';
import { TagsController } from './adapters/nats/tags.controller.js';
import { TargetCommandsController } from './adapters/nats/target-commands.controller.js';
import { VersionCommandsController } from './adapters/nats/version-commands.controller.js';
import { ActiveVersionTable } from './adapters/postgres/active-versions.js';
import { HealthTable } from './adapters/postgres/health-table.js';
import { ScheduleSnapshotTable } from './adapters/postgres/schedule-snapshots.js';
import { fetchFrom } from './adapters/s3/fetch-bundle.js';
import { gatewaysThrough } from './adapters/target/gateway-routing.js';
import { probeWith } from './adapters/target/probe-target.js';
import { ApplyTargets } from './use-cases/apply-targets.js';
import { BundleSource } from './use-cases/bundle-source.js';
import { ChangeTargets } from './use-cases/change-targets.js';
import { CompareBundles } from './use-cases/compare-bundles.js';
import { CheckDocuments } from './use-cases/check-documents.js';
import { KeepCalendar } from './use-cases/keep-calendar.js';
import { ProbeTargets } from './use-cases/probe-targets.js';
import { PublishOnRequest } from './use-cases/request-publish.js';
import { RotateSecrets } from './use-cases/rotate-secrets.js';
import { RunSchedules } from './use-cases/run-schedules.js';
import { SettleDeadLetters } from './use-cases/settle-dead-letters.js';
import { TagVersion } from './use-cases/tag-version.js';
import { TargetRegistry } from './use-cases/target-registry.js';
import { VersionCatalogue } from './use-cases/version-catalogue.js';
import { watchSchedules } from './use-cases/watch-schedules.js';

/** Probes need one connection each, for a moment, and thousands of targets share few of them. */
const connections = { sessionsPerDatabase: 1, connectionsPerGateway: 2, idleMs: 10_000 };

/** Targets, versions, and what sets publishes off. */
@Module({})
export class TargetsModule {
  static create(runtime: ServiceRuntime, environment: Environment): DynamicModule {
    const { store, bus, pool } = runtime;
    const objects = new ObjectStorage(readObjectStorageSettings(environment));
    runtime.onStop(() => objects.close());
    const keys = readSecretKeys(environment);
    const access = createTargetAccess(runtime, environment, connections);
    const registry = new TargetRegistry(store);
    const targets = new ChangeTargets(store, registry);
    const bundles = new BundleStore(pool);
    const documents = new CheckDocuments(gatewaysThrough(access), (names) => registry.promotions(names));
    const applying = new ApplyTargets({ store, secrets: secretStores(pool, keys), registry, targets, documents });
    const versions = new TagVersion({
      store,
      bundles,
      source: new BundleSource(fetchFrom(objects)),
      registry,
    });
    const deadLetters = new SettleDeadLetters({
      store,
      payloads: new PostgresDeadLetterPayloads(pool),
      replay: bus.replay,
    });
    const rotation = new RotateSecrets(store, (goOn) => rotateKeys(pool, keys, { batch: 200, goOn }), runtime.clock);
    startSchedules(runtime);
    return {
      module: TargetsModule,
      controllers: [
        TagsController,
        TargetCommandsController,
        FreezeCommandsController,
        HealthCommandsController,
        SecretCommandsController,
        VersionCommandsController,
        DeadLetterCommandsController,
      ],
      providers: [
        { provide: ChangeTargets, useValue: targets },
        { provide: ApplyTargets, useValue: applying },
        { provide: ProbeTargets, useValue: startProbes(runtime, registry, access) },
        { provide: RotateSecrets, useValue: rotation },
        { provide: TagVersion, useValue: versions },
        { provide: CompareBundles, useValue: new CompareBundles(bundles) },
        { provide: PublishOnRequest, useValue: new PublishOnRequest(store, registry) },
        { provide: SettleDeadLetters, useValue: deadLetters },
        { provide: KeepCalendar, useValue: new KeepCalendar(store, registry) },
      ],
    };
  }
}

function startProbes(
  runtime: ServiceRuntime,
  registry: TargetRegistry,
  access: TargetAccess & GatewayAccess,
): ProbeTargets {
  const { store, pool, clock, log } = runtime;
  const probes = new ProbeTargets({
    ...{ store, registry, clock },
    table: new HealthTable(pool),
    probe: probeWith(access),
    onError: (error) => log.warn({ err: error }, 'a probe of a target could not be carried out; it comes again'),
  });
  probes.start();
  runtime.onStop(() => probes.stop());
  return probes;
}

function startSchedules(runtime: ServiceRuntime): void {
  const { store, pool } = runtime;
  const active = new ActiveVersionTable(pool, store);
  const snapshots = new ScheduleSnapshotTable(pool);
  const schedules = new RunSchedules({ store, versions: new VersionCatalogue(store), active, snapshots });
  const clock = watchSchedules(runtime, schedules);
  clock.start();
  runtime.onStop(() => clock.stop());
}
