import type { CommandName, CommandPayload, CommandReply } from '@m3/contracts';
import { lastingConnection } from '@m3/messaging';
import { ClientNats } from '@nestjs/microservices';
import { firstValueFrom, timeout, TimeoutError } from 'rxjs';
import { commandSubject } from './commands.js';

/** Nobody took the command: nothing was done, and it may be sent again. */
export class OwnerUnavailableError extends Error {
  readonly code = 'owner_unavailable';
}

/** No answer in time: whether the command was done is not known. The same command id may be sent again. */
export class OutcomeUnknownError extends Error {
  readonly code = 'outcome_unknown';
}

/** Sends operators' commands to the services that decide on them. */
export class CommandClient {
  private readonly client: ClientNats;

  constructor(natsUrl: string, name: string) {
    this.client = new ClientNats({
      servers: [natsUrl],
      name,
      ...lastingConnection({ reconnectEveryMs: 250 }),
      timeout: 2_000,
    });
  }

  /** @throws OwnerUnavailableError, OutcomeUnknownError */
  async send<Name extends CommandName>(
    name: Name,
    payload: CommandPayload<Name>,
    options: { readonly timeoutMs?: number } = {},
  ): Promise<CommandReply<Name>> {
    const owner = name.split('.')[0] ?? name;
    try {
      const reply = this.client
        .send<CommandReply<Name>>(commandSubject(name), payload)
        .pipe(timeout(options.timeoutMs ?? 5_000));
      return await firstValueFrom(reply);
    } catch (error) {
      if (error instanceof TimeoutError)
        throw new OutcomeUnknownError(`${owner} gave no answer in time; send the same command again`);
      const reason = error instanceof Error ? error.message : JSON.stringify(error);
      throw new OwnerUnavailableError(`${owner} cannot be reached at the moment: ${reason}`);
    }
  }

  async close(): Promise<void> {
    await this.client.close();
  }
}
