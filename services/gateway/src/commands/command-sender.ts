import type { CommandName, CommandPayload, CommandReply } from '@m3/contracts';

/** How commands get to their owners: request/reply on the bus. A class, so that Nest can inject by it. */
export abstract class CommandSender {
  /** @throws OwnerUnavailableError, OutcomeUnknownError of the service kit */
  abstract send<Name extends CommandName>(
    name: Name,
    payload: CommandPayload<Name>,
    options: { readonly timeoutMs?: number },
  ): Promise<CommandReply<Name>>;
}
