import { declared, type RecordedEventOf } from '@m3/contracts';
import { HandleEvent, type Delivery } from '@m3/messaging';
import { Controller } from '@nestjs/common';
import { KeepBackups } from '../../use-cases/keep-backups.js';
import { CheckBackup } from '../../use-cases/check-backup.js';
import { VerifyBackups } from '../../use-cases/verify-backups.js';

@Controller()
export class BackupsController {
  constructor(
    private readonly backups: KeepBackups,
    private readonly verifications: VerifyBackups,
    private readonly checks: CheckBackup,
  ) {}

  @HandleEvent(declared('BackupRequested'), { concurrency: 16, ackWaitMs: 60_000 })
  take(event: RecordedEventOf<'BackupRequested'>, delivery: Delivery): Promise<void> {
    return this.backups.take(event, delivery);
  }

  @HandleEvent(declared('RestoreRequested'), { concurrency: 8, ackWaitMs: 60_000 })
  restore(event: RecordedEventOf<'RestoreRequested'>, delivery: Delivery): Promise<void> {
    return this.backups.restore(event, delivery);
  }

  @HandleEvent(declared('BackupCheckRequested'), { concurrency: 8, ackWaitMs: 60_000 })
  check(event: RecordedEventOf<'BackupCheckRequested'>): Promise<void> {
    return this.checks.check(event);
  }

  @HandleEvent(declared('RollbackRestoreRequested'), { concurrency: 8, ackWaitMs: 60_000 })
  restoreVersion(event: RecordedEventOf<'RollbackRestoreRequested'>, delivery: Delivery): Promise<void> {
    return this.backups.restoreVersion(event, delivery);
  }

  /** Few at a time: a verification of everything must not stand in the way of a publish. */
  @HandleEvent(declared('BackupVerificationRequested'), { concurrency: 2, ackWaitMs: 60_000 })
  verify(event: RecordedEventOf<'BackupVerificationRequested'>): Promise<void> {
    return this.verifications.verify(event);
  }
}
