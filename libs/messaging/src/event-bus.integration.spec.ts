import { eventually } from '@m3/testing';
import { Fixture, jobOf, on } from './bus-fixture.spec.js';
import { Unprocessable } from './errors.js';

let fixture: Fixture;
beforeEach(async () => {
  fixture = await Fixture.open();
});
afterEach(() => fixture.close());

const jobs = (count: number): string[] => Array.from({ length: count }, (_, index) => `${index + 1}`);
const connected = (replica: { bus: { connected: boolean } }) =>
  eventually('the bus is connected', () => replica.bus.connected);

describe('an event that was appended', () => {
  it('is handled at once, by the bus, and not again by catch-up', async () => {
    const handled: string[] = [];
    const worker = fixture.start(
      'worker',
      [on('work.WorkRequested', async (event, { source }) => void handled.push(`${source} ${jobOf(event)}`))],
      { graceMs: 300 },
    );
    const writer = fixture.start('writer', []);
    await connected(worker);
    await connected(writer);
    await fixture.request(writer.store, 'a');
    await eventually('it is handled', () => handled.length > 0, { timeoutMs: 1_000 });
    await fixture.request(fixture.log, 'not-relayed');
    await eventually('catch-up came by', () => handled.length === 2);
    expect(handled).toEqual(['bus a', 'catch-up not-relayed']);
  });
});

describe('a handler that fails', () => {
  it('gets the event again until it succeeds', async () => {
    let attempts = 0;
    const worker = fixture.start('worker', [
      on('work.WorkRequested', async () => {
        if (++attempts < 3) throw new Error('not yet');
      }),
    ]);
    await connected(worker);
    await fixture.request(worker.store, 'a');
    await eventually('it was tried three times', () => attempts === 3, { timeoutMs: 2_000 });
    expect(await fixture.deadLetters()).toEqual([]);
  });
});

describe('a poisoned event', () => {
  it('becomes a dead letter at once, and the next one is handled at once', async () => {
    const handled: string[] = [];
    const worker = fixture.start('worker', [
      on(
        'work.WorkRequested',
        async (event) => {
          if (jobOf(event) === 'poison') throw new Unprocessable('bad_job', 'the job is poisoned', 'job');
          handled.push(jobOf(event));
        },
        { concurrency: 1 },
      ),
    ]);
    await connected(worker);
    const [poison] = await fixture.request(worker.store, 'poison');
    await fixture.request(worker.store, 'next');
    await eventually('the next is handled', () => handled.includes('next'), { timeoutMs: 1_000 });
    const letters = await eventually('the letter is recorded', () => fixture.deadLetters(), {
      until: (all) => all.length > 0,
    });
    expect(letters).toEqual([
      expect.objectContaining({
        origin: 'consumer',
        consumer: 'worker-WorkRequested',
        code: 'bad_job',
        reason: 'the job is poisoned',
        field: 'job',
        attempts: 1,
        event_id: poison?.eventId,
      }),
    ]);
  });

  it('that fails each time becomes a dead letter after its attempts', async () => {
    const worker = fixture.start(
      'worker',
      [
        on('work.WorkRequested', async () => {
          throw new Error('boom');
        }),
      ],
      { retry: { maxAttempts: 3, delaysMs: [10] } },
    );
    await connected(worker);
    await fixture.request(worker.store, 'a');
    const [letter] = await eventually('the letter is recorded', () => fixture.deadLetters(), {
      until: (all) => all.length > 0,
    });
    expect(letter).toMatchObject({ code: 'handler_failed', reason: 'boom', attempts: 3 });
  });
});

describe('the bus killed and its data folder deleted in mid-traffic', () => {
  it('loses nothing, and nothing happens twice', async () => {
    const worker = fixture.start('worker', [
      on('work.WorkRequested', (event) => fixture.doOnce(worker.store, jobOf(event))),
    ]);
    await connected(worker);
    const all = jobs(300);
    for (const job of all) {
      await fixture.request(worker.store, job);
      if (job === '100') await fixture.killBus();
      if (job === '200') await fixture.restartBusWithoutData();
    }
    const done = await eventually('all are done', () => fixture.done(), { until: (map) => map.size === 300 });
    expect([...done.values()].every((times) => times === 1)).toBe(true);
    await connected(worker);
    await fixture.request(worker.store, 'after');
    await eventually('the bus carries events again', async () => (await fixture.done()).has('after'), {
      timeoutMs: 1_500,
    });
  });
});
