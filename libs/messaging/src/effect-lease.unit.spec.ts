import { eventually } from '@m3/testing';
import { EffectLease } from './effect-lease.js';
import { Busy } from './errors.js';
import { MemorySessionLocks, type SessionLocks } from './session-locks.js';

const first = { repeated: false };

function leases() {
  const asked: string[] = [];
  const locks = new MemorySessionLocks();
  const watched: SessionLocks = {
    tryLock: (key) => {
      asked.push(key);
      return locks.tryLock(key);
    },
    close: () => locks.close(),
  };
  return { lease: new EffectLease(watched), asked };
}

it('lets one at a time do what was given out repeatedly', async () => {
  const { lease } = leases();
  let end: () => void = () => undefined;
  const running = lease.tryRun('a', () => new Promise<void>((resolve) => (end = resolve)));
  await expect(lease.tryRun('a', () => Promise.resolve())).rejects.toThrow(Busy);
  await eventually('it has begun', () => end);
  end();
  await running;
  expect(await lease.tryRun('a', () => Promise.resolve('done'))).toBe('done');
});

it('asks nobody for what is given out for the first time and ends soon', async () => {
  const { lease, asked } = leases();
  expect(await lease.tryRun('a', () => Promise.resolve('done'), first)).toBe('done');
  expect(asked).toEqual([]);
});

it('keeps others away from what is given out for the first time and takes longer, until it ends', async () => {
  const { lease, asked } = leases();
  let end: () => void = () => undefined;
  const running = lease.tryRun('a', () => new Promise<void>((resolve) => (end = resolve)), first);
  await eventually('it says so', () => asked.length > 0);
  await expect(lease.tryRun('a', () => Promise.resolve())).rejects.toThrow(Busy);
  end();
  await running;
  expect(await lease.tryRun('a', () => Promise.resolve('done'))).toBe('done');
});
