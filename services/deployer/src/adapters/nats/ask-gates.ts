import type { CommandName, CommandPayload, CommandReply, PlanGates, PlanValidation } from '@m3/contracts';
import { OutcomeUnknownError, OwnerUnavailableError, type CommandClient } from '@m3/service-kit';
import type { GatesToAsk } from '../../use-cases/plan-publish.js';

/** How long the gates may take to answer: somebody waits for the plan. */
const timeoutMs = 3_000;

type Answered<Name extends CommandName> = { readonly known: Extract<CommandReply<Name>, { ok: true }>['result'] };
interface NotKnown {
  readonly known: null;
  readonly why: string;
}

/** Asks the gates service what a publish would have to pass. Only for plans: a publish never waits for an answer. */
export class AskGates implements GatesToAsk {
  constructor(private readonly commands: Pick<CommandClient, 'send'>) {}

  async planned(question: CommandPayload<'gates.planned'>): Promise<PlanGates> {
    const answer = await this.ask('gates.planned', question);
    if (answer.known !== null) return { source: 'gates', ...answer.known };
    return { source: 'unknown', note: `which gates would run is not known: ${answer.why}` };
  }

  async preflight(question: CommandPayload<'gates.preflight'>): Promise<PlanValidation> {
    const answer = await this.ask('gates.preflight', question);
    if (answer.known !== null) return { source: 'gates', ...answer.known };
    return { source: 'unknown', note: `what pre-publish validation would find is not known: ${answer.why}` };
  }

  private async ask<Name extends CommandName>(
    name: Name,
    question: CommandPayload<Name>,
  ): Promise<Answered<Name> | NotKnown> {
    try {
      const reply = await this.commands.send(name, question, { timeoutMs });
      return reply.ok ? { known: reply.result } : { known: null, why: reply.problem.detail };
    } catch (error) {
      if (error instanceof OutcomeUnknownError) return { known: null, why: 'there was no answer in time' };
      if (error instanceof OwnerUnavailableError) return { known: null, why: 'the gates service cannot be reached' };
      throw error;
    }
  }
}
