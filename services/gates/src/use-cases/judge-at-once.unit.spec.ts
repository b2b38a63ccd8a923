import { declared, type Outcome } from '@m3/contracts';
import { checkResult } from '../domain/check.js';
import { workflowValidation } from '../quality-gates/workflow-validation.js';
import { JudgeAtOnce } from './judge-at-once.js';

const { subject, thresholds } = declared('GatesRequested').example;
const at = '2026-03-19T14:23:45.000Z';
const context = { subject, now: () => new Date(at) };

/** Asks twice, one after the other; how often it was judged for that. */
async function judgedFor(first: Outcome | 'fault'): Promise<number> {
  let times = 0;
  const judge = new JudgeAtOnce();
  const ask = () =>
    judge.result(workflowValidation, thresholds, context, () => {
      times += 1;
      if (first === 'fault') return Promise.reject(new Error('a fault'));
      return Promise.resolve(checkResult('workflow_validation', { outcome: first, message: 'said' }, 1, at));
    });
  for (let asked = 0; asked < 2; asked++) await ask().catch(() => undefined);
  return times;
}

it.each<[Outcome | 'fault', number]>([
  ['passed', 1],
  ['failed', 1],
  ['inconclusive', 2],
  ['fault', 2],
])(
  'of a bundle that was judged (%s) the targets that come later have it judged so often in all: %d',
  async (first, times) => {
    expect(await judgedFor(first)).toBe(times);
  },
);
