import { EventStoreUnavailableError } from '@m3/event-store';
import { eventually } from '@m3/testing';
import { connected, Fixture, jobOf, jobs, on } from './bus-fixture.spec.js';

let fixture: Fixture;
beforeEach(async () => {
  fixture = await Fixture.open();
});
afterEach(() => fixture.close());

describe('the bus killed and its data folder deleted in mid-traffic', () => {
  it('loses nothing, and nothing happens twice', async () => {
    const worker = fixture.startWorker({ graceMs: 20_000 });
    await connected(worker);
    for (const job of jobs(300)) {
      await fixture.request(worker.store, job);
      if (job === '100') await fixture.killBus();
      if (job === '200') await fixture.restartBusWithoutData();
    }
    const done = await fixture.allDone(300);
    expect([...done.values()].every((times) => times === 1)).toBe(true);
    await connected(worker);
    await fixture.request(worker.store, 'after');
    const isBack = async (): Promise<boolean> => (await fixture.done()).has('after');
    await eventually('the bus carries events again', isBack, { timeoutMs: 15_000 });
  });

  it('or its stream deleted by hand is healed without an operator', async () => {
    const worker = fixture.startWorker({ graceMs: 60_000 });
    await connected(worker);
    await fixture.deleteStream('EVENTS');
    await eventually('the loss is noticed', () => !worker.bus.connected);
    await connected(worker);
    await fixture.request(worker.store, 'a');
    await fixture.allDone(1);
  });
});

describe('a bus that is not there', () => {
  it('stops no service from starting, nor from working', async () => {
    await fixture.killBus();
    const worker = fixture.startWorker();
    await fixture.request(worker.store, ...jobs(20));
    await fixture.allDone(20);
    await fixture.restartBusWithoutData();
    await connected(worker);
  });

  it('stops no service from ending', async () => {
    await fixture.killBus();
    const worker = fixture.startWorker();
    await fixture.request(worker.store, 'a');
    await fixture.allDone(1);
    await worker.stop();
  });
});

describe('a service that was down', () => {
  it('goes on where it was, without the bus', async () => {
    const first = fixture.startWorker();
    await fixture.request(first.store, 'before');
    await fixture.allDone(1);
    await eventually('that is remembered', async () => (await fixture.checkpoint('worker')).seq >= 1);
    await first.stop();
    await fixture.killBus();
    await fixture.request(fixture.log, ...jobs(50));
    const handled: string[] = [];
    fixture.start('worker', [on('work.WorkRequested', (event) => handled.push(jobOf(event)))]);
    await eventually('the rest is handled', () => handled.length >= 50);
    expect(new Set(handled)).toEqual(new Set(jobs(50)));
  });

  it('finds again what it had in hand when it was killed, although later events were done', async () => {
    await fixture.killBus();
    const stuck = fixture.start(
      'worker',
      [
        on('work.WorkRequested', (event) =>
          jobOf(event) === 'stuck' ? new Promise(() => undefined) : fixture.doOnce(fixture.log, jobOf(event)),
        ),
      ],
      { stopWithinMs: 0 },
    );
    await fixture.request(fixture.log, 'stuck');
    await fixture.request(fixture.log, ...jobs(20));
    await fixture.allDone(20);
    await stuck.stop();
    const handled: string[] = [];
    fixture.start('worker', [on('work.WorkRequested', (event) => handled.push(jobOf(event)))]);
    await eventually('it is handled', () => handled.length > 0);
    expect(handled).toEqual(['stuck']);
  });
});

describe('a database connection that breaks', () => {
  it('ends no catch-up: locks are taken again', async () => {
    await fixture.killBus();
    const worker = fixture.startWorker();
    await fixture.request(fixture.log, 'a');
    await fixture.allDone(1);
    await fixture.pool.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'worker locks'",
    );
    await fixture.request(fixture.log, 'b');
    await fixture.allDone(2);
    await worker.stop();
  });

  it('brings no message closer to being a dead letter', async () => {
    let attempts = 0;
    const handler = on('work.WorkRequested', () => {
      if (++attempts < 4) throw new EventStoreUnavailableError();
    });
    const worker = fixture.start('worker', [handler], { retry: { maxAttempts: 1 } });
    await connected(worker);
    await fixture.request(worker.store, 'a');
    await eventually('it was handled in the end', () => attempts === 4);
    expect(await fixture.deadLetters()).toEqual([]);
  });
});
