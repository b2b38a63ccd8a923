import { BundleStore } from '@m3/bundles';
import { ObjectStorage, readObjectStorageSettings } from '@m3/object-storage';
import type { Environment, ServiceRuntime } from '@m3/service-kit';
import { createTargetAccess } from '@m3/target-access';
import { Module, type DynamicModule } from '@nestjs/common';
import { GatesController } from './adapters/nats/gates.controller.js';
import { StorageProbe } from './adapters/s3/storage-probe.js';
import { RunGates } from './use-cases/run-gates.js';

/** Pre-publish checks and quality gates. */
@Module({})
export class GatesModule {
  static create(runtime: ServiceRuntime, environment: Environment): DynamicModule {
    const { store, clock, bus, pool } = runtime;
    const objects = new ObjectStorage(readObjectStorageSettings(environment));
    runtime.onStop(() => objects.close());
    const storage = new StorageProbe(objects, environment.text('BACKUP_BUCKET', 'm3-backups'));
    const targets = createTargetAccess(runtime, environment);
    const gates = new RunGates({ store, targets, bundles: new BundleStore(pool), storage, lease: bus.lease, clock });
    return { module: GatesModule, controllers: [GatesController], providers: [{ provide: RunGates, useValue: gates }] };
  }
}
