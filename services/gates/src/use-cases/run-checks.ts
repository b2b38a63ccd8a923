import type { CheckResult } from '@m3/contracts';
import { checkResult, type Verdict } from '../domain/check.js';

/** Runs checks side by side, each with its own time. */
export async function runChecks(
  checks: Readonly<Record<string, () => Promise<Verdict>>>,
  now: () => Date,
): Promise<CheckResult[]> {
  return Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      const started = performance.now();
      const verdict = await check();
      return checkResult(name, verdict, performance.now() - started, now().toISOString());
    }),
  );
}
