import { Injectable } from '@nestjs/common';
import type { BackupComparison, CommandPayload, RollbackAccepted, RollbackPlan } from '@m3/contracts';
import type { Asked } from '../commands/asked.js';
import { CommandDesk } from '../commands/command-desk.js';
import { ProblemError } from '../http/problem-error.js';

/** What should be rolled back: a target, or what a publish did to it. */
type Wish = Pick<CommandPayload<'deployer.plan_rollback'>, 'target_id' | 'publish_id' | 'to'>;
type Request = Wish & Pick<CommandPayload<'deployer.rollback'>, 'reason' | 'expected_backup_id'>;

/** Passes on what is asked about rollbacks. */
@Injectable()
export class AskRollbacks {
  constructor(private readonly commands: CommandDesk) {}

  request(request: Request, asked: Asked): Promise<RollbackAccepted> {
    return this.commands.run('deployer.rollback', { ...asked, ...request });
  }

  /** The choice is the deployer's, and what it would change is for those who keep the backups to say. */
  async plan(wish: Wish, asked: Asked): Promise<RollbackPlan> {
    const choice = await this.commands.run('deployer.plan_rollback', { ...asked, ...wish });
    return { ...choice, comparison: await this.compare(choice.backup.backup_id, asked) };
  }

  private async compare(backup_id: string, asked: Asked): Promise<BackupComparison> {
    try {
      return await this.commands.run('backups.compare', { ...asked, backup_id });
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      return { condition: 'unknown', reason: error.message, changes: null, equal: null };
    }
  }
}
