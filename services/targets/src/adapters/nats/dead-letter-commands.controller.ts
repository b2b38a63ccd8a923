import type { CommandPayload } from '@m3/contracts';
import { answer, HandleCommand, RUNTIME, type CommandOutcome, type ServiceRuntime } from '@m3/service-kit';
import { Controller, Inject } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import type { DeadLetterCommand } from '../../domain/dead-letter.js';
import { SettleDeadLetters } from '../../use-cases/settle-dead-letters.js';
import { commandContext } from './command-context.js';

/** Operators' commands on messages that could not be handled. */
@Controller()
export class DeadLetterCommandsController {
  constructor(
    private readonly deadLetters: SettleDeadLetters,
    @Inject(RUNTIME) private readonly runtime: ServiceRuntime,
  ) {}

  @HandleCommand('deadletters.message')
  message(@Payload() payload: unknown) {
    return answer('deadletters.message', payload, ({ dead_letter_id }) => this.deadLetters.message(dead_letter_id));
  }

  @HandleCommand('deadletters.replay')
  replay(@Payload() payload: unknown) {
    return answer('deadletters.replay', payload, (command) =>
      this.settle(command, {
        type: 'replay',
        deadLetterId: command.dead_letter_id,
        by: command.caller.id,
        replayId: `replay-${command.dead_letter_id}-${command.command_id}`,
      }),
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

  private async settle(
    command: CommandPayload<'deadletters.replay'>,
    settling: DeadLetterCommand,
  ): Promise<CommandOutcome<'deadletters.replay'>> {
    const decided = await this.deadLetters.settle(settling, commandContext(this.runtime, command));
    return decided.outcome === 'accepted'
      ? { outcome: 'accepted', result: { dead_letter_id: command.dead_letter_id } }
      : decided;
  }
}
