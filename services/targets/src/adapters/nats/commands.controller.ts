import type { CommandName, CommandPayload } from '@m3/contracts';
import { startedBy } from '@m3/process';
import { answer, HandleCommand, RUNTIME, type CommandOutcome, type ServiceRuntime } from '@m3/service-kit';
import { Controller, Inject } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import type { DeadLetterCommand } from '../../domain/dead-letter.js';
import type { TargetCommand } from '../../domain/target.js';
import { ApplyTargets } from '../../use-cases/apply-targets.js';
import { ChangeTargets } from '../../use-cases/change-targets.js';
import { PublishOnRequest } from '../../use-cases/request-publish.js';
import { SettleDeadLetters } from '../../use-cases/settle-dead-letters.js';
import { TagVersion } from '../../use-cases/tag-version.js';

/** Operators' commands on targets, versions and dead letters. */
@Controller()
export class CommandsController {
  constructor(
    private readonly applying: ApplyTargets,
    private readonly changes: ChangeTargets,
    private readonly versions: TagVersion,
    private readonly publishes: PublishOnRequest,
    private readonly deadLetters: SettleDeadLetters,
    @Inject(RUNTIME) private readonly runtime: ServiceRuntime,
  ) {}

  @HandleCommand('targets.apply')
  apply(@Payload() payload: unknown) {
    return answer('targets.apply', payload, async (command) => {
      const applied = await this.applying.apply(command.targets, command.dry_run, this.context(command));
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

  @HandleCommand('targets.tag')
  tag(@Payload() payload: unknown) {
    return answer('targets.tag', payload, async (command) => {
      const source = { source: 'api', id: command.command_id };
      const tagged = await this.versions.tag(command.tag, source, this.context(command));
      if (tagged.outcome === 'rejected') return tagged;
      const { project, version } = command.tag;
      return { outcome: 'accepted', result: { ...tagged, project, version } };
    });
  }

  @HandleCommand('targets.publish')
  publish(@Payload() payload: unknown) {
    return answer('targets.publish', payload, (command) => this.publishes.request(command, this.context(command)));
  }

  @HandleCommand('deadletters.replay')
  replay(@Payload() payload: unknown) {
    return answer('deadletters.replay', payload, (command) =>
      this.settle(command, { type: 'replay', deadLetterId: command.dead_letter_id, by: command.caller.id }),
    );
  }

  @HandleCommand('deadletters.discard')
  discard(@Payload() payload: unknown) {
    return answer('deadletters.discard', payload, (command) =>
      this.settle(command, {
        type: 'discard',
        deadLetterId: command.dead_letter_id,
        by: command.caller.id,
        reason: command.reason,
      }),
    );
  }

  private async change(
    command: CommandPayload<'targets.enable' | 'targets.hold'>,
    change: TargetCommand,
  ): Promise<CommandOutcome<'targets.enable'>> {
    const { target_id } = command;
    const decided = await this.changes.handle(target_id, change, this.context(command));
    return decided.outcome === 'accepted' ? { outcome: 'accepted', result: { target_id } } : decided;
  }

  private async settle(
    command: CommandPayload<'deadletters.replay'>,
    settling: DeadLetterCommand,
  ): Promise<CommandOutcome<'deadletters.replay'>> {
    const decided = await this.deadLetters.settle(settling, this.context(command));
    return decided.outcome === 'accepted'
      ? { outcome: 'accepted', result: { dead_letter_id: command.dead_letter_id } }
      : decided;
  }

  private context({ command_id, caller }: Pick<CommandPayload<CommandName>, 'command_id' | 'caller'>) {
    return startedBy(command_id, { kind: 'user', id: caller.id }, this.runtime.clock);
  }
}
