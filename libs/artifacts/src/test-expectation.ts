import type { TestExpectation } from './bundle.js';
import { readable } from './findings.js';
import { isRecord } from './json-document.js';

/** What a run of a workflow came to. */
export interface TestOutcome {
  readonly status: 'completed' | 'failed';
  readonly output: unknown;
  readonly durationMs: number;
}

/** What of a test's expectation a run did not meet, in one plain sentence each; empty when the test passed. */
export function unmetExpectations(expect: TestExpectation, outcome: TestOutcome): string[] {
  const unmet: string[] = [];
  const status = expect.status ?? 'completed';
  if (outcome.status !== status) unmet.push(`The run ${outcome.status}; expected was that it ${status}.`);
  if (expect.max_duration_ms !== undefined && outcome.durationMs > expect.max_duration_ms) {
    unmet.push(
      `The run took ${Math.round(outcome.durationMs)} ms; expected were ${expect.max_duration_ms} ms at most.`,
    );
  }
  if (expect.output !== undefined) unmet.push(...differences(expect.output, outcome.output));
  return unmet;
}

/** Where the stated values differ. Objects may hold more than is stated; lists may not. */
function differences(expected: unknown, actual: unknown): string[] {
  const unmet: string[] = [];
  const pending = [{ expected, actual, path: '' }];
  for (let item = pending.pop(); item; item = pending.pop()) {
    const { expected: wanted, actual: found, path } = item;
    const inner = innerPairs(wanted, found);
    if (inner === null) unmet.push(`The output differs at ${readable(path) || 'its top'}.`);
    else for (const { key, ...pair } of inner) pending.push({ ...pair, path: `${path}/${key}` });
  }
  return unmet;
}

/** The pairs of values inside two that could be equal; null when they already differ. */
function innerPairs(expected: unknown, actual: unknown): { key: string; expected: unknown; actual: unknown }[] | null {
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) return null;
    const found: readonly unknown[] = actual;
    return expected.map((value: unknown, at) => ({ key: String(at), expected: value, actual: found[at] }));
  }
  if (isRecord(expected)) {
    if (!isRecord(actual)) return null;
    return Object.entries(expected).map(([key, value]) => ({
      key,
      expected: value,
      actual: Object.hasOwn(actual, key) ? actual[key] : undefined,
    }));
  }
  return Object.is(expected, actual) ? [] : null;
}
