import type { CommandPayload, PlanGates } from '@m3/contracts';
import { OutcomeUnknownError, OwnerUnavailableError, type CommandClient } from '@m3/service-kit';
import type { GatesToAsk } from '../../use-cases/plan-publish.js';

/** How long the gates may take to name themselves: somebody waits for the plan. */
const timeoutMs = 2_500;

/** Asks the gates service which gates a publish would have to pass. Only for plans: a publish never waits for an answer. */
export class AskGates implements GatesToAsk {
  constructor(private readonly commands: Pick<CommandClient, 'send'>) {}

  async planned(question: CommandPayload<'gates.planned'>): Promise<PlanGates> {
    try {
      const reply = await this.commands.send('gates.planned', question, { timeoutMs });
      if (reply.ok) return { source: 'gates', ...reply.result };
      return { source: 'unknown', note: `the gates cannot say which of them would run: ${reply.problem.detail}` };
    } catch (error) {
      if (!(error instanceof OwnerUnavailableError || error instanceof OutcomeUnknownError)) throw error;
      return { source: 'unknown', note: 'the gates service cannot be asked which gates would run' };
    }
  }
}
