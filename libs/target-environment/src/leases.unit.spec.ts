import { eventually } from '@m3/testing';
import { Leases } from './leases.js';

function leases(options: { max?: number; idleMs?: number } = {}) {
  const closed: string[] = [];
  const opened: string[] = [];
  const made = new Leases<string>({
    max: 2,
    idleMs: 60_000,
    ...options,
    open: (key) => {
      opened.push(key);
      return key;
    },
    close: async (value) => void closed.push(value),
  });
  return { made, opened, closed };
}

const nothing = async () => undefined;

it('opens one for each key, and closes the least recently used above the limit', async () => {
  const { made, opened, closed } = leases();
  for (const key of ['a', 'b', 'a', 'c']) await made.use(key, nothing);
  expect(opened).toEqual(['a', 'b', 'c']);
  expect(closed).toEqual(['b']);
  expect(made.size).toBe(2);
  await made.close();
  expect(closed.sort()).toEqual(['a', 'b', 'c']);
});

it('closes one in use only when its last user has finished', async () => {
  const { made, closed } = leases({ max: 1 });
  let finish: (value: unknown) => void = () => undefined;
  const working = made.use('a', () => new Promise((resolve) => (finish = resolve)));
  await made.use('b', nothing);
  expect(closed).toEqual([]);
  finish('done');
  expect(await working).toBe('done');
  expect(closed).toEqual(['a']);
  await made.close();
});

it('waits for the users when everything is closed, and takes no new ones', async () => {
  const { made, closed } = leases();
  let finish: (value: unknown) => void = () => undefined;
  const working = made.use('a', () => new Promise((resolve) => (finish = resolve)));
  let ended = false;
  const closing = made.close().then(() => (ended = true));
  await expect(made.use('b', nothing)).rejects.toThrow('closed');
  expect(ended).toBe(false);
  finish(undefined);
  await working;
  await closing;
  expect(closed).toEqual(['a']);
});

it('closes what was idle for long', async () => {
  const { made, closed } = leases({ idleMs: 30 });
  await made.use('a', nothing);
  await eventually('a is closed', () => closed.includes('a'));
  expect(made.size).toBe(0);
  await made.close();
});

it('leaves the error of the work to its caller', async () => {
  const { made, closed } = leases();
  await expect(made.use('a', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  await made.close();
  expect(closed).toEqual(['a']);
});
