import { EventStoreUnavailableError } from '@m3/event-store';
import { eventually } from '@m3/testing';
import { Fixture, jobOf, on, type Replica } from './bus-fixture.spec.js';
import { Busy, Unprocessable } from './errors.js';
import { firstTime } from './processed-messages.js';

let fixture: Fixture;
beforeEach(async () => {
  fixture = await Fixture.open();
});
afterEach(() => fixture.close());

const jobs = (count: number): string[] => Array.from({ length: count }, (_, index) => `${index + 1}`);
const connected = (replica: Replica) => eventually('the bus is connected', () => replica.bus.connected);
const letters = (count = 1) =>
  eventually('dead letters are recorded', () => fixture.deadLetters(), { until: (all) => all.length >= count });
const allDone = (count: number) =>
  eventually(`${count} jobs are done`, () => fixture.done(), {
    until: (done) => done.size >= count,
    timeoutMs: 20_000,
  });

/** A worker that does each job once, whatever comes twice. */
function startWorker(change: Parameters<Fixture['start']>[2] = {}): Replica {
  const worker: Replica = fixture.start(
    'worker',
    [on('work.WorkRequested', (event) => fixture.doOnce(worker.store, jobOf(event)))],
    change,
  );
  return worker;
}

describe('an event that was appended', () => {
  it('is handled at once, by the bus, and not again by catch-up', async () => {
    const handled: string[] = [];
    const worker = fixture.start(
      'worker',
      [on('work.WorkRequested', (event, { source }) => handled.push(`${source} ${jobOf(event)}`))],
      { graceMs: 300 },
    );
    const writer = fixture.start('writer', []);
    await connected(worker);
    await connected(writer);
    await fixture.request(writer.store, 'a');
    await eventually('it is handled', () => handled.length > 0, { timeoutMs: 1_000 });
    await fixture.request(fixture.log, 'killed-after-commit');
    await eventually('catch-up came by', () => handled.length === 2);
    expect(handled).toEqual(['bus a', 'catch-up killed-after-commit']);
  });

  it('is handled as a whole when it is too large for the bus', async () => {
    const handled: string[] = [];
    const worker = fixture.start(
      'worker',
      [on('work.WorkRequested', (event, { source }) => handled.push(`${source} ${jobOf(event)}`))],
      { maxMessageBytes: 100 },
    );
    await connected(worker);
    await fixture.request(worker.store, 'large');
    await eventually('it is handled', () => handled.length > 0);
    expect(handled).toEqual(['bus large']);
  });
});

describe('a handler that fails', () => {
  it('gets the event again until it succeeds', async () => {
    let attempts = 0;
    const worker = fixture.start('worker', [
      on('work.WorkRequested', () => {
        if (++attempts < 3) throw new Error('not yet');
      }),
    ]);
    await connected(worker);
    await fixture.request(worker.store, 'a');
    await eventually('it was tried three times', () => attempts === 3, { timeoutMs: 2_000 });
    expect(await fixture.deadLetters()).toEqual([]);
  });

  it('because somebody else is at it gets the event again as often as it takes', async () => {
    let attempts = 0;
    const worker = fixture.start(
      'worker',
      [
        on('work.WorkRequested', () => {
          if (++attempts < 4) throw new Busy('a');
        }),
      ],
      { retry: { maxAttempts: 1 } },
    );
    await connected(worker);
    await fixture.request(worker.store, 'a');
    await eventually('it came four times', () => attempts === 4, { timeoutMs: 5_000 });
    expect(await fixture.deadLetters()).toEqual([]);
  });
});

describe('a poisoned event', () => {
  it('becomes a dead letter at once, and the next one is handled at once', async () => {
    const handled: string[] = [];
    const handler = on(
      'work.WorkRequested',
      (event) => {
        if (jobOf(event) === 'poison') throw new Unprocessable('bad_job', 'the job is poisoned', 'job');
        handled.push(jobOf(event));
      },
      { concurrency: 1 },
    );
    const worker = fixture.start('worker', [handler]);
    await connected(worker);
    const [poison] = await fixture.request(worker.store, 'poison');
    await fixture.request(worker.store, 'next');
    await eventually('the next is handled', () => handled.includes('next'), { timeoutMs: 1_000 });
    expect(await letters()).toEqual([
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
    const failing = on('work.WorkRequested', () => {
      throw new Error('boom');
    });
    const worker = fixture.start('worker', [failing], { retry: { maxAttempts: 3, delaysMs: [10] } });
    await connected(worker);
    await fixture.request(worker.store, 'a');
    expect(await letters()).toEqual([expect.objectContaining({ code: 'handler_failed', reason: 'boom', attempts: 3 })]);
  });

  it('is handled when it is brought back after the fault was mended', async () => {
    let mended = false;
    const handled: string[] = [];
    const handler = on('work.WorkRequested', (event) => {
      if (!mended) throw new Unprocessable('bad_job', 'not mended');
      handled.push(jobOf(event));
    });
    const worker = fixture.start('worker', [handler]);
    const other: string[] = [];
    const bystander = fixture.start('bystander', [on('work.WorkRequested', (event) => other.push(jobOf(event)))]);
    await connected(worker);
    await connected(bystander);
    await fixture.request(worker.store, 'a');
    const [letter] = await letters();
    mended = true;
    const bytes = await fixture.payload(String(letter?.['sha256']));
    await worker.bus.replay.replay({ consumer: 'worker-WorkRequested', subject: 'evt.work.WorkRequested.a', bytes });
    await eventually('it is handled', () => handled.length > 0);
    expect([handled, other]).toEqual([['a'], ['a']]);
  });
});

describe('an event that comes a hundred times', () => {
  it('has its effect once', async () => {
    let effects = 0;
    const handler = on('work.WorkRequested', async (event) => {
      const client = await fixture.pool.connect();
      try {
        if (await firstTime(client, 'counter', jobOf(event))) effects++;
      } finally {
        client.release();
      }
    });
    const worker = fixture.start('worker', [handler]);
    await connected(worker);
    const [event] = await fixture.request(fixture.log, 'a');
    await fixture.sendCopies(event, 100);
    await fixture.request(worker.store, 'b');
    await eventually('both are handled', () => effects === 2);
    await eventually('nothing is left', () => fixture.unacknowledged('worker-WorkRequested'), {
      until: (n) => n === 0,
    });
    expect(effects).toBe(2);
  });
});

describe('the bus killed and its data folder deleted in mid-traffic', () => {
  it('loses nothing, and nothing happens twice', async () => {
    const worker = startWorker();
    await connected(worker);
    for (const job of jobs(300)) {
      await fixture.request(worker.store, job);
      if (job === '100') await fixture.killBus();
      if (job === '200') await fixture.restartBusWithoutData();
    }
    const done = await allDone(300);
    expect([...done.values()].every((times) => times === 1)).toBe(true);
    await connected(worker);
    await fixture.request(worker.store, 'after');
    const isBack = async (): Promise<boolean> => (await fixture.done()).has('after');
    await eventually('the bus carries events again', isBack, { timeoutMs: 1_500 });
  });

  it('or its stream deleted by hand is healed without an operator', async () => {
    const worker = startWorker({ graceMs: 60_000 });
    await connected(worker);
    await fixture.deleteStream('EVENTS');
    await eventually('the loss is noticed', () => !worker.bus.connected);
    await connected(worker);
    await fixture.request(worker.store, 'a');
    await allDone(1);
  });
});

describe('a bus that is not there', () => {
  it('stops no service from starting, nor from working', async () => {
    await fixture.killBus();
    const worker = startWorker();
    await fixture.request(worker.store, ...jobs(20));
    await allDone(20);
    await fixture.restartBusWithoutData();
    await connected(worker);
  });

  it('stops no service from ending', async () => {
    await fixture.killBus();
    const worker = startWorker();
    await fixture.request(worker.store, 'a');
    await allDone(1);
    await worker.stop();
  });
});

describe('a service that was down', () => {
  it('goes on where it was, without the bus', async () => {
    const first = startWorker();
    await fixture.request(first.store, 'before');
    await allDone(1);
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
    await allDone(20);
    await stuck.stop();
    const handled: string[] = [];
    fixture.start('worker', [on('work.WorkRequested', (event) => handled.push(jobOf(event)))]);
    await eventually('it is handled', () => handled.length > 0);
    expect(handled).toEqual(['stuck']);
  });
});

describe('two replicas of a service', () => {
  it('share the work, and catch-up does not repeat what the other one did', async () => {
    const handled: string[][] = [[], []];
    const replicas = handled.map((mine) =>
      fixture.start('worker', [on('work.WorkRequested', (event) => mine.push(jobOf(event)), { concurrency: 2 })], {
        graceMs: 1_000,
      }),
    );
    for (const replica of replicas) await connected(replica);
    for (const job of jobs(200)) await fixture.request(replicas[0]?.store ?? fixture.log, job);
    await eventually('all are handled', () => handled.flat().length >= 200);
    await eventually('catch-up has passed them', async () => (await fixture.checkpoint('worker')).seq >= 200, {
      until: (passed) => passed,
    });
    await eventually('nothing is open', async () => (await fixture.checkpoint('worker')).open.length, {
      until: (open) => open === 0,
    });
    expect(handled.flat()).toHaveLength(200);
    expect(handled.map((mine) => mine.length > 0)).toEqual([true, true]);
  });

  it('do not run one long effect at the same time', async () => {
    let running = 0;
    let most = 0;
    const finished: string[] = [];
    const slow = async (): Promise<void> => {
      most = Math.max(most, ++running);
      await eventually('time has passed', () => performance.now() > started + 600);
      running--;
    };
    const started = performance.now();
    const replicas = [1, 2].map(() => {
      const replica: Replica = fixture.start('worker', [
        on('work.WorkRequested', async (event) => {
          if (finished.includes(jobOf(event))) return;
          await replica.bus.lease.tryRun(jobOf(event), slow);
          finished.push(jobOf(event));
        }),
      ]);
      return replica;
    });
    for (const replica of replicas) await connected(replica);
    const [event] = await fixture.request(fixture.log, 'a');
    await fixture.sendCopies(event, 10);
    await eventually('it is done', () => finished.length > 0);
    await eventually('nothing is left', () => fixture.unacknowledged('worker-WorkRequested'), {
      until: (n) => n === 0,
    });
    expect([most, finished]).toEqual([1, ['a']]);
  });
});

describe('a database connection that breaks', () => {
  it('ends no catch-up: locks are taken again', async () => {
    await fixture.killBus();
    const worker = startWorker();
    await fixture.request(fixture.log, 'a');
    await allDone(1);
    await fixture.pool.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'worker locks'",
    );
    await fixture.request(fixture.log, 'b');
    await allDone(2);
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

describe('messages of other systems', () => {
  it('come as they are, of 2 MB too, and those that cannot be read become dead letters', async () => {
    const sizes: number[] = [];
    const worker = fixture.start('worker', [
      on('inbox:version.tagged', (message) => {
        if (!('bytes' in message)) throw new Error('not an inbox message');
        if (message.bytes[0] !== 0x7b) throw new Unprocessable('not_json', 'the message is not JSON');
        sizes.push(message.bytes.length);
      }),
    ]);
    await connected(worker);
    await fixture.tag('version.tagged.demo', Uint8Array.of(0xff, 0x1b, 0x00, 0x41));
    await fixture.tag('version.tagged.demo', `{${' '.repeat(2_000_000)}}`);
    await eventually('the next is handled', () => sizes.length > 0, { timeoutMs: 2_000 });
    expect(sizes).toEqual([2_000_002]);
    const [letter] = await letters();
    expect(letter).toMatchObject({ origin: 'inbox', code: 'not_json', subject: 'version.tagged.demo', bytes: 4 });
    expect(letter?.['excerpt']).toBe('\uFFFD  A');
    expect([...(await fixture.payload(String(letter?.['sha256'])))]).toEqual([0xff, 0x1b, 0x00, 0x41]);
  });

  it('are not lost when the service is not there', async () => {
    const first = fixture.start('worker', [on('inbox:version.tagged', () => undefined)]);
    await connected(first);
    await first.stop();
    await fixture.tag('version.tagged.demo', '{}');
    const subjects: string[] = [];
    fixture.start('worker', [
      on('inbox:version.tagged', (message) => subjects.push('subject' in message ? message.subject : '')),
    ]);
    await eventually('it is handled', () => subjects.length > 0);
    expect(subjects).toEqual(['version.tagged.demo']);
  });
});

describe('a message on an event subject that is no event', () => {
  it('becomes a dead letter and stops nothing', async () => {
    const worker = startWorker();
    await connected(worker);
    await fixture.tag('evt.work.WorkRequested.x', 'no event');
    await fixture.request(worker.store, 'a');
    await allDone(1);
    expect(await letters()).toEqual([expect.objectContaining({ code: 'not_json', attempts: 1 })]);
  });
});

describe('a service that is asked to end', () => {
  it('finishes what it has in hand', async () => {
    let release: () => void = () => undefined;
    const finished: string[] = [];
    const worker = fixture.start('worker', [
      on('work.WorkRequested', async (event) => {
        await new Promise<void>((resolve) => (release = resolve));
        finished.push(jobOf(event));
      }),
    ]);
    await connected(worker);
    await fixture.request(worker.store, 'a');
    await eventually('it is in hand', () => fixture.unacknowledged('worker-WorkRequested'), { until: (n) => n === 1 });
    const stopped = worker.stop();
    release();
    await stopped;
    expect(finished).toEqual(['a']);
    expect(await fixture.unacknowledged('worker-WorkRequested')).toBe(0);
  });
});
