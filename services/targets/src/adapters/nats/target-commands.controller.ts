import type { CommandPayload } from '@m3/contracts';
import { answer, HandleCommand, RUNTIME, type CommandOutcome, type ServiceRuntime } from '@m3/service-kit';
import { Controller, Inject } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import type { TargetCommand } from '../../domain/target.js';
import { ApplyTargets } from '../../use-cases/apply-targets.js';
import { ChangeTargets } from '../../use-cases/change-targets.js';
import { commandContext } from './command-context.js';

/** Operators' commands on targets. */
@Controller()
export class TargetCommandsController {
  constructor(
    private readonly applying: ApplyTargets,
    private readonly changes: ChangeTargets,
    @Inject(RUNTIME) private readonly runtime: ServiceRuntime,
  ) {}

  @HandleCommand('targets.apply')
  apply(@Payload() payload: unknown) {
    return answer('targets.apply', payload, async (command) => {
      const applied = await this.applying.apply(
        { documents: command.targets, dryRun: command.dry_run, expectedRevision: command.expected_revision },
        commandContext(this.runtime, command),
      );
      return applied.outcome === 'accepted' ? { outcome: 'accepted', result: { targets: applied.targets } } : applied;
    });
  }

  @HandleCommand('targets.enable')
  enable(@Payload() payload: unknown) {
    return answer('targets.enable', payload, (command) => this.change(command, { type: 'enable' }));
  }

  @HandleCommand('targets.disable')
  disable(@Payload() payload: unknown) {
    return answer('targets.disable', payload, (command) => this.change(command, { type: 'disable' }));
  }

  @HandleCommand('targets.hold')
  hold(@Payload() payload: unknown) {
    return answer('targets.hold', payload, (command) => this.change(command, { type: 'hold', reason: command.reason }));
  }

  @HandleCommand('targets.release')
  release(@Payload() payload: unknown) {
    return answer('targets.release', payload, (command) =>
      this.change(command, { type: 'release', reason: command.reason }),
    );
  }

  private async change(
    command: CommandPayload<'targets.enable' | 'targets.hold'>,
    change: TargetCommand,
  ): Promise<CommandOutcome<'targets.enable'>> {
    const { target_id } = command;
    const decided = await this.changes.handle(target_id, change, commandContext(this.runtime, command));
    return decided.outcome === 'accepted' ? { outcome: 'accepted', result: { target_id } } : decided;
  }
}
