import { declared, type RecordedEventOf } from '@m3/contracts';
import { HandleEvent, type Delivery } from '@m3/messaging';
import { Controller } from '@nestjs/common';
import { KeepBackups } from '../../use-cases/keep-backups.js';

@Controller()
export class BackupsController {
  constructor(private readonly backups: KeepBackups) {}

  @HandleEvent(declared('BackupRequested'), { concurrency: 16, ackWaitMs: 60_000 })
  take(event: RecordedEventOf<'BackupRequested'>, delivery: Delivery): Promise<void> {
    return this.backups.take(event, delivery);
  }

  @HandleEvent(declared('RestoreRequested'), { concurrency: 8, ackWaitMs: 60_000 })
  restore(event: RecordedEventOf<'RestoreRequested'>, delivery: Delivery): Promise<void> {
    return this.backups.restore(event, delivery);
  }
}
