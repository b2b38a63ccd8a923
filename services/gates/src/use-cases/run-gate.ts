import type { CheckResult, LogLine } from '@m3/contracts';
import { checkResult, inconclusive, type Verdict } from '../domain/check.js';
import { timedOut } from '../domain/gate-run.state.js';
import type { Gate, GateAnswer, GateConfiguration, GateContext } from '../quality-gates/gate.js';

/** What one gate is run with; the rest of its context is made here. */
export type GateSurroundings = Omit<GateContext, 'remainingMs' | 'signal' | 'log'> & {
  readonly configuration: GateConfiguration;
  /** Fires when the service stops. */
  readonly stopping: AbortSignal;
};

export type Ran =
  | { readonly outcome: 'result'; readonly result: CheckResult }
  | { readonly outcome: 'pending'; readonly message: string };

/** Kept for saying what was found out until then, before the gate is given up. */
const graceShare = 0.2;
const longestGraceMs = 2_000;

/** Runs one gate with its own deadline, log and duration. A gate that goes on beyond the deadline has no result. */
export async function runGate(gate: Gate, surroundings: GateSurroundings): Promise<Ran> {
  const { configuration, stopping, ...known } = surroundings;
  const started = performance.now();
  const budget = Math.max(0, known.deadlineAt.getTime() - known.now().getTime());
  const soft = budget - Math.min(longestGraceMs, budget * graceShare);
  const over = AbortSignal.timeout(Math.ceil(budget));
  const lines: LogLine[] = [];
  const context: GateContext = {
    ...known,
    remainingMs: () => Math.max(0, soft - (performance.now() - started)),
    signal: AbortSignal.any([over, stopping]),
    log: (text, level = 'info') => void lines.push({ at: known.now().toISOString(), level, text: text.slice(0, 2000) }),
  };
  const answer = await untilOver(gate.run(configuration, context), over, budget);
  if (answer.outcome === 'pending') return answer;
  const verdict = { ...answer, log: lines };
  const took = performance.now() - started;
  return { outcome: 'result', result: checkResult(gate.name, verdict, took, known.now().toISOString()) };
}

async function untilOver(running: Promise<GateAnswer>, over: AbortSignal, budgetMs: number): Promise<GateAnswer> {
  const remedy = 'Find out what it waits for, or give it more time.';
  const late = (): Verdict =>
    inconclusive(`it had no result after ${Math.round(budgetMs / 1000)} s`, timedOut, { remedy });
  const settled = new AbortController();
  const deadline = new Promise<GateAnswer>((resolve) => {
    over.addEventListener('abort', () => resolve(late()), { once: true, signal: settled.signal });
    if (over.aborted) resolve(late());
  });
  try {
    return await Promise.race([running, deadline]);
  } catch (error) {
    // What was interrupted by the deadline fails in its own way.
    if (over.aborted) return late();
    throw error;
  } finally {
    // With a reason of ours none is made, and no stack is traced for it.
    settled.abort('settled');
    running.catch(() => undefined);
  }
}
