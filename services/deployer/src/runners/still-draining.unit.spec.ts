import type { DrainingResult, InvalidationResult } from '@m3/target-environment';
import { StepLog } from './step-log.js';
import { stillDraining } from './still-draining.js';

const executions = [
  { version: 'v1.2.0', running: 2 },
  { version: 'v1.3.0', running: 1 },
];
const routing: InvalidationResult = { outcome: 'invalidated', active_version: 'v1.3.0', routes: [] };

/** What drains after v1.3.0 was made active, by what the gateway says when it reads again, and when it is asked. */
async function drains(caches: InvalidationResult, asked: DrainingResult | 'never') {
  const log = new StepLog(() => new Date('2026-03-19T14:23:45.000Z'));
  const draining = () => (asked === 'never' ? Promise.reject(new Error('it was asked')) : Promise.resolve(asked));
  const older = await stillDraining({ target: { draining }, caches, version: 'v1.3.0', log });
  return { older, lines: log.lines.map(({ text }) => text) };
}

const told = { older: [{ version: 'v1.2.0', running: 2 }], lines: ['2 executions still run on v1.2.0'] };

describe('what still runs on other versions', () => {
  it('is what the gateway said when it read again', async () => {
    expect(await drains({ ...routing, draining: executions }, 'never')).toEqual(told);
  });

  it.each<[string, InvalidationResult]>([
    ['did not say it then', routing],
    ['has no call to read again', { outcome: 'unsupported' }],
  ])('is asked of a gateway that %s', async (_what, caches) => {
    expect(await drains(caches, { outcome: 'known', executions })).toEqual(told);
  });

  it('is not known of a gateway that cannot say it', async () => {
    expect(await drains(routing, { outcome: 'unsupported' })).toEqual({ older: [], lines: [] });
  });
});
