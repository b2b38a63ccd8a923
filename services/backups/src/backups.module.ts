import type { Environment, ServiceRuntime } from '@m3/service-kit';
import { createTargetAccess } from '@m3/target-access';
import { Module, type DynamicModule } from '@nestjs/common';
import { BackupsController } from './adapters/nats/backups.controller.js';
import { BackupStorage } from './adapters/s3/backup-storage.js';
import { readStorageConfig } from './config.js';
import { KeepBackups } from './use-cases/keep-backups.js';

/** Backups of targets, and putting targets back to them. */
@Module({})
export class BackupsModule {
  static create(runtime: ServiceRuntime, environment: Environment): DynamicModule {
    const { store, clock, bus } = runtime;
    const storage = new BackupStorage(readStorageConfig(environment));
    runtime.onStop(() => storage.close());
    const targets = createTargetAccess(runtime, environment);
    const backups = new KeepBackups({ store, targets, storage, lease: bus.lease, clock });
    return {
      module: BackupsModule,
      controllers: [BackupsController],
      providers: [{ provide: KeepBackups, useValue: backups }],
    };
  }
}
