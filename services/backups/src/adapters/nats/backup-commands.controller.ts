import type { CommandName, CommandPayload } from '@m3/contracts';
import { startedBy } from '@m3/process';
import { answer, HandleCommand, RUNTIME, type ServiceRuntime } from '@m3/service-kit';
import { Controller, Inject } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { CompareBackup } from '../../use-cases/compare-backup.js';
import { RecordHandRestore } from '../../use-cases/record-hand-restore.js';
import { VerifyBackups } from '../../use-cases/verify-backups.js';

/** Operators' commands on backups. */
@Controller()
export class BackupCommandsController {
  constructor(
    private readonly verifications: VerifyBackups,
    private readonly restores: RecordHandRestore,
    private readonly comparisons: CompareBackup,
    @Inject(RUNTIME) private readonly runtime: ServiceRuntime,
  ) {}

  @HandleCommand('backups.verify')
  verify(@Payload() payload: unknown) {
    return answer('backups.verify', payload, (command) =>
      this.verifications.requestOne(command.backup_id, this.context(command)),
    );
  }

  @HandleCommand('backups.verify_all')
  verifyAll(@Payload() payload: unknown) {
    return answer('backups.verify_all', payload, async (command) => ({
      outcome: 'accepted',
      result: await this.verifications.requestAll(command.target_id, this.context(command)),
    }));
  }

  @HandleCommand('backups.compare')
  compare(@Payload() payload: unknown) {
    return answer('backups.compare', payload, ({ backup_id }) => this.comparisons.compare(backup_id));
  }

  @HandleCommand('backups.restored')
  restored(@Payload() payload: unknown) {
    return answer('backups.restored', payload, (command) => this.restores.record(command, this.context(command)));
  }

  private context({ command_id, caller }: Pick<CommandPayload<CommandName>, 'command_id' | 'caller'>) {
    return startedBy(command_id, { kind: 'user', id: caller.id }, this.runtime.clock);
  }
}
