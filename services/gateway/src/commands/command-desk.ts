import { Injectable } from '@nestjs/common';
import type { CommandName, CommandPayload, CommandResults } from '@m3/contracts';
import { OutcomeUnknownError, OwnerUnavailableError } from '@m3/service-kit';
import { ProblemError, refuse } from '../http/problem-error.js';
import { CommandSender } from './command-sender.js';

const TIMEOUT_MS = 5_000;

/** Passes operators' commands to those who decide, and brings back what they say. */
@Injectable()
export class CommandDesk {
  constructor(private readonly sender: CommandSender) {}

  /** @throws ProblemError with the owner's refusal, or saying that nobody answered */
  async run<Name extends CommandName>(name: Name, payload: CommandPayload<Name>): Promise<CommandResults[Name]> {
    const reply = await this.sender.send(name, payload, { timeoutMs: TIMEOUT_MS }).catch((error: unknown) => {
      throw unanswered(error, name);
    });
    if (reply.ok) return reply.result;
    throw new ProblemError(reply.problem);
  }
}

function unanswered(error: unknown, name: CommandName): unknown {
  const owner = name.split('.')[0] ?? name;
  if (error instanceof OwnerUnavailableError) {
    return refuse(
      'owner_unavailable',
      `The service ${owner} cannot be reached, so nothing was done. Repeat the request with the same Idempotency-Key.`,
      { headers: { 'Retry-After': '2' } },
    );
  }
  if (error instanceof OutcomeUnknownError) {
    return refuse(
      'outcome_unknown',
      `The service ${owner} gave no answer in time: the command may or may not have been carried out. ` +
        'Repeat the request with the same Idempotency-Key: it is carried out once.',
    );
  }
  return error;
}
