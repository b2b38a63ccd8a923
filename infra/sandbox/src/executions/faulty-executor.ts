import { setTimeout as pause } from 'node:timers/promises';
import type { Faults } from '../faults.js';
import { ExecutorError, type Executor } from '../engine/run-plan.js';

/** The executor as the fault switches of the moment let it be. `fails` is the run's lot: its first call then fails. */
export function withFaults(execute: Executor, faults: Faults, run: { fails: boolean; signal: AbortSignal }): Executor {
  let fails = run.fails;
  return async (call) => {
    const { failing_executor, executor_latency_ms = 0 } = faults.current();
    if (executor_latency_ms > 0) await pause(executor_latency_ms, undefined, { signal: run.signal });
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
