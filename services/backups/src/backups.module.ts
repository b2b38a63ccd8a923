import { ObjectStorage, readObjectStorageSettings } from '@m3/object-storage';
import type { Environment, ServiceRuntime } from '@m3/service-kit';
import { createTargetAccess } from '@m3/target-access';
import { Module, type DynamicModule } from '@nestjs/common';
import { BackupCommandsController } from './adapters/nats/backup-commands.controller.js';
import { BackupsController } from './adapters/nats/backups.controller.js';
import { RetentionClock } from './retention-clock.js';
import { BackupStreams } from './use-cases/backup-streams.js';
import { CheckBackup } from './use-cases/check-backup.js';
import { CompareBackup } from './use-cases/compare-backup.js';
import { KeepBackups } from './use-cases/keep-backups.js';
import { PruneBackups } from './use-cases/prune-backups.js';
import { RecordHandRestore } from './use-cases/record-hand-restore.js';
import { TargetShelves } from './use-cases/target-shelves.js';
import { VerifyBackups } from './use-cases/verify-backups.js';

/** Backups of targets: taking, keeping, looking at and deleting them, and putting targets back to them. */
@Module({})
export class BackupsModule {
  static create(runtime: ServiceRuntime, environment: Environment): DynamicModule {
    const { store, clock, bus, log } = runtime;
    const storage = new ObjectStorage(readObjectStorageSettings(environment));
    runtime.onStop(() => storage.close());
    const streams = new BackupStreams(store);
    const shelves = new TargetShelves(store);
    const targets = createTargetAccess(runtime, environment);
    const parts = { store, streams, shelves, targets, storage, lease: bus.lease, clock };
    const onError = (error: unknown) =>
      log.warn({ err: error }, 'backups could not be deleted; they are looked at again later');
    const pruning = new PruneBackups({ ...parts, onError });
    const everyMs = environment.number('RETENTION_INTERVAL_SECONDS', 300) * 1000;
    const retention = new RetentionClock(everyMs, () => pruning.run(), onError);
    retention.start();
    runtime.onStop(() => retention.stop());
    const bucket = environment.text('BACKUP_BUCKET', 'm3-backups');
    return {
      module: BackupsModule,
      controllers: [BackupsController, BackupCommandsController],
      providers: [
        { provide: KeepBackups, useValue: new KeepBackups({ ...parts, bucket }) },
        { provide: VerifyBackups, useValue: new VerifyBackups(parts) },
        { provide: CheckBackup, useValue: new CheckBackup(parts) },
        { provide: CompareBackup, useValue: new CompareBackup(parts) },
        { provide: RecordHandRestore, useValue: new RecordHandRestore(parts) },
      ],
    };
  }
}
