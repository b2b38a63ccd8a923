import { ObjectStorage, readObjectStorageSettings } from '@m3/object-storage';
import type { Environment, ServiceRuntime } from '@m3/service-kit';
import { createTargetAccess } from '@m3/target-access';
import { Module, type DynamicModule } from '@nestjs/common';
import { BackupsController } from './adapters/nats/backups.controller.js';
import { BackupStorage } from './adapters/s3/backup-storage.js';
import { KeepBackups } from './use-cases/keep-backups.js';

/** Backups of targets, and putting targets back to them. */
@Module({})
export class BackupsModule {
  static create(runtime: ServiceRuntime, environment: Environment): DynamicModule {
    const { store, clock, bus } = runtime;
    const objects = new ObjectStorage(readObjectStorageSettings(environment));
    runtime.onStop(() => objects.close());
    const storage = new BackupStorage(objects, environment.text('BACKUP_BUCKET', 'm3-backups'));
    const targets = createTargetAccess(runtime, environment);
    const backups = new KeepBackups({ store, targets, storage, lease: bus.lease, clock });
    return {
      module: BackupsModule,
      controllers: [BackupsController],
      providers: [{ provide: KeepBackups, useValue: backups }],
    };
  }
}
