import { setTimeout as pause } from 'node:timers/promises';
import type { Faults } from '../faults.js';
import { ExecutorError, type Executor } from '../engine/run-plan.js';

/** The executor as the fault switches of the moment let it be. `fails` is the run's lot: its first call then fails. */
export function withFaults(execute: Executor, faults: Faults, run: { fails: boolean; signal: AbortSignal }): Executor {
  let fails = run.fails;
  return async (call) => {
    await slowly(faults, run.signal);
    const { failing_executor } = faults.current();
    const endpoint = call.node.definition.endpoint ?? '';
    if (failing_executor !== undefined && endpoint.startsWith(failing_executor)) {
      throw new ExecutorError('executor_failed', `The executor at "${endpoint}" fails: its fault switch is on.`);
    }
    if (fails) {
      fails = false;
      throw new ExecutorError('executor_failed', 'This execution is one of those that the error rate switch fails.');
    }
    return execute(call);
  };
}

const LOOKS_AGAIN_MS = 50;

/** Takes as long as the switch says; once it is switched off, calls that were held up go on. */
async function slowly(faults: Faults, signal: AbortSignal): Promise<void> {
  const started = performance.now();
  const left = (): number => (faults.current().executor_latency_ms ?? 0) - (performance.now() - started);
  for (let rest = left(); rest > 0; rest = left()) await pause(Math.min(rest, LOOKS_AGAIN_MS), undefined, { signal });
}
