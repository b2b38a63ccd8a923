import type { CommandName, CommandPayload } from '@m3/contracts';
import { startedBy } from '@m3/process';
import type { ServiceRuntime } from '@m3/service-kit';

/** Metadata of what a person's command causes. */
export function commandContext(
  { clock }: ServiceRuntime,
  command: Pick<CommandPayload<CommandName>, 'command_id' | 'caller'>,
) {
  return startedBy(command.command_id, { kind: 'user', id: command.caller.id }, clock);
}
