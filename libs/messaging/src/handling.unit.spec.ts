import { eventually } from '@m3/testing';
import type { DeadLetter } from './dead-letters.js';
import { Busy, Unprocessable } from './errors.js';
import { Handling, type Task } from './handling.js';
import { Lane } from './lane.js';
import { noMetrics } from './metrics.js';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

function setUp(keep: (letter: DeadLetter) => Promise<void> = () => Promise.resolve()) {
  const letters: DeadLetter[] = [];
  const deadLetters = {
    record: async (letter: DeadLetter) => {
      await keep(letter);
      letters.push(letter);
    },
  };
  const handling = new Handling(deadLetters, { maxAttempts: 2, delaysMs: [0] }, noMetrics, silent);
  const lane = new Lane(1);
  const task = (key: string, run: () => Promise<unknown>): Task => ({
    key,
    pattern: 'work.WorkRequested',
    lane,
    source: 'bus',
    run,
    letter: (fault, attempts) => ({
      origin: 'consumer',
      consumer: 'worker-WorkRequested',
      messageId: key,
      messageTime: '2026-01-01T00:00:00.000Z',
      subject: 'work-1',
      bytes: new Uint8Array(),
      attempts,
      ...fault,
    }),
  });
  return { handling, task, letters };
}

const fail = () => Promise.reject(new Error('boom'));

describe('a message', () => {
  it('that comes twice at the same time is handled once, for both', async () => {
    const { handling, task } = setUp();
    let runs = 0;
    const run = () => Promise.resolve(runs++);
    const outcomes = await Promise.all([handling.handle(task('a', run)), handling.handle(task('a', run))]);
    expect([runs, outcomes]).toEqual([1, [{ kind: 'handled' }, { kind: 'handled' }]]);
  });

  it('that was handled is skipped', async () => {
    const { handling, task } = setUp();
    await handling.handle(task('a', () => Promise.resolve()));
    expect(handling.handle(task('a', fail))).toEqual({ kind: 'handled' });
  });

  it('that another replica handled is skipped', () => {
    const { handling, task } = setUp();
    handling.markDone(['a']);
    expect(handling.handle(task('a', fail))).toEqual({ kind: 'handled' });
  });

  it('that failed as often as it may becomes a dead letter', async () => {
    const { handling, task, letters } = setUp();
    expect(await handling.handle(task('a', fail))).toEqual({ kind: 'retry', afterMs: 0 });
    expect(await handling.handle(task('a', fail))).toEqual({ kind: 'dead-lettered' });
    expect(letters).toEqual([expect.objectContaining({ code: 'handler_failed', reason: 'boom', attempts: 2 })]);
  });

  it('that can never be handled becomes a dead letter at once', async () => {
    const { handling, task, letters } = setUp();
    const run = () => Promise.reject(new Unprocessable('bad', 'it is bad', 'data.job'));
    expect(await handling.handle(task('a', run))).toEqual({ kind: 'dead-lettered' });
    expect(letters).toEqual([
      expect.objectContaining({ code: 'bad', reason: 'it is bad', field: 'data.job', attempts: 1 }),
    ]);
  });

  it('that is busy elsewhere never becomes a dead letter', async () => {
    const { handling, task, letters } = setUp();
    const run = () => Promise.reject(new Busy('a'));
    expect(await handling.handle(task('a', run))).toEqual({ kind: 'wait', afterMs: 250 });
    expect(letters).toEqual([]);
  });

  it('that has to wait waits no longer when the clock of the machine is set back', async () => {
    const { handling, task } = setUp();
    await handling.handle(task('a', () => Promise.reject(new Busy('a'))));
    const now = Date.now.bind(Date);
    Date.now = () => now() - 3_600_000;
    try {
      const handled = () => handling.handle(task('a', () => Promise.resolve()));
      await eventually('it is handled', async () => (await handled()).kind === 'handled');
    } finally {
      Date.now = now;
    }
  });

  it('that comes back too early waits for the rest of its time, unhandled', async () => {
    const { handling, task } = setUp();
    await handling.handle(task('a', () => Promise.reject(new Busy('a'))));
    let runs = 0;
    const outcome = await handling.handle(task('a', () => Promise.resolve(runs++)));
    expect([outcome.kind, runs]).toEqual(['retry', 0]);
  });

  it('whose dead letter cannot be recorded stays', async () => {
    const { handling, task, letters } = setUp(() => Promise.reject(new Error('no database')));
    const run = () => Promise.reject(new Unprocessable('bad', 'it is bad'));
    expect((await handling.handle(task('a', run))).kind).toBe('retry');
    expect(letters).toEqual([]);
  });

  it('waits until those before it in its lane are done', async () => {
    const { handling, task } = setUp();
    const order: string[] = [];
    let release: () => void = () => undefined;
    const first = handling.handle(
      task('a', () => new Promise<void>((resolve) => (release = resolve)).then(() => order.push('a'))),
    );
    const second = handling.handle(task('b', () => Promise.resolve(order.push('b'))));
    await eventually('both are taken', () => handling.running === 2);
    release();
    await Promise.all([first, second]);
    expect(order).toEqual(['a', 'b']);
  });
});
