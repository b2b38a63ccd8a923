import { eventually } from '@m3/testing';
import { connected, Fixture, jobOf, jobs, on, type Replica } from './bus-fixture.spec.js';
import { Busy, Unprocessable } from './errors.js';
import { firstTime } from './processed-messages.js';

let fixture: Fixture;
beforeEach(async () => {
  fixture = await Fixture.open();
});
afterEach(() => fixture.close());

describe('an event that was appended', () => {
  it('is handled at once, by the bus, and not again by catch-up', async () => {
    const handled: string[] = [];
    const worker = fixture.start(
      'worker',
      [on('work.WorkRequested', (event, { source }) => handled.push(`${source} ${jobOf(event)}`))],
      { graceMs: 3_000 },
    );
    const writer = fixture.start('writer', []);
    await connected(worker);
    await connected(writer);
    await fixture.request(writer.store, 'a');
    await eventually('it is handled', () => handled.length > 0);
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

describe('a place that catch-up had', () => {
  it('goes back to the bus', async () => {
    const running: string[] = [];
    const finish = new Map<string, () => void>();
    const handler = on(
      'work.WorkRequested',
      (event, { source }) => {
        running.push(`${source} ${jobOf(event)}`);
        return new Promise<void>((resolve) => finish.set(jobOf(event), resolve));
      },
      { concurrency: 1 },
    );
    const isRunning = (job: string): Promise<boolean> => eventually(`${job} is running`, () => finish.has(job));
    const worker = fixture.start('worker', [handler], { graceMs: 3_000, stopWithinMs: 0 });
    await connected(worker);
    await fixture.request(worker.store, 'first');
    await isRunning('first');
    await fixture.request(fixture.log, 'second');
    await eventually('it stands in line', async () => (await fixture.checkpoint('worker')).seq >= 2);
    finish.get('first')?.();
    await isRunning('second');
    finish.get('second')?.();
    await fixture.request(worker.store, 'third');
    await isRunning('third');
    expect(running).toEqual(['bus first', 'catch-up second', 'bus third']);
  });
});

describe('a handler that fails', () => {
  it('gets the event again until it succeeds', async () => {
    let attempts = 0;
    const worker = fixture.start(
      'worker',
      [
        on('work.WorkRequested', () => {
          if (++attempts < 3) throw new Error('not yet');
        }),
      ],
      { graceMs: 60_000 },
    );
    await connected(worker);
    await fixture.request(worker.store, 'a');
    await eventually('it was tried three times', () => attempts === 3);
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
      { retry: { maxAttempts: 1 }, graceMs: 60_000 },
    );
    await connected(worker);
    await fixture.request(worker.store, 'a');
    await eventually('it came four times', () => attempts === 4);
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
    const worker = fixture.start('worker', [handler], { graceMs: 60_000 });
    await connected(worker);
    const [poison] = await fixture.request(worker.store, 'poison');
    await fixture.request(worker.store, 'next');
    await eventually('the next is handled', () => handled.includes('next'));
    expect(await fixture.someDeadLetters()).toEqual([
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
    expect(await fixture.someDeadLetters()).toEqual([
      expect.objectContaining({ code: 'handler_failed', reason: 'boom', attempts: 3 }),
    ]);
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
    const [letter] = await fixture.someDeadLetters();
    mended = true;
    const bytes = await fixture.payload(String(letter?.['sha256']));
    const id = String(letter?.['dead_letter_id']);
    await worker.bus.replay.replay({
      id,
      replayId: 'replay-1',
      consumer: 'worker-WorkRequested',
      subject: 'evt.work.WorkRequested.a',
      bytes,
    });
    await eventually('it is handled', () => handled.length > 0);
    expect([handled, other]).toEqual([['a'], ['a']]);
  });

  it('is the same dead letter when it fails again', async () => {
    const worker = fixture.start('worker', [
      on('work.WorkRequested', () => {
        throw new Unprocessable('bad_job', 'not mended');
      }),
    ]);
    await connected(worker);
    await fixture.request(worker.store, 'a');
    const [letter] = await fixture.someDeadLetters();
    const id = String(letter?.['dead_letter_id']);
    const bytes = await fixture.payload(String(letter?.['sha256']));
    const replayed = {
      id,
      replayId: 'replay-2',
      consumer: 'worker-WorkRequested',
      subject: 'evt.work.WorkRequested.a',
      bytes,
    };
    await worker.bus.replay.replay(replayed);
    const history = await eventually('it has failed again', () => worker.store.readStream(`deadletter-${id}`), {
      until: (events) => events.length > 1,
    });
    expect(history.at(-1)).toMatchObject({
      type: 'DeadLetterFailedAgain',
      data: { dead_letter_id: id, replay_id: 'replay-2', code: 'bad_job', attempts: 1 },
    });
    expect(await fixture.deadLetters()).toHaveLength(1);
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

describe('two replicas of a service', () => {
  it('share the work, and catch-up does not repeat what the other one did', async () => {
    const handled: string[][] = [[], []];
    const replicas = handled.map((mine) =>
      fixture.start('worker', [on('work.WorkRequested', (event) => mine.push(jobOf(event)), { concurrency: 2 })], {
        graceMs: 5_000,
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
    await eventually('the next is handled', () => sizes.length > 0);
    expect(sizes).toEqual([2_000_002]);
    const [letter] = await fixture.someDeadLetters();
    expect(letter).toMatchObject({ origin: 'inbox', code: 'not_json', subject: 'version.tagged.demo', bytes: 4 });
    expect(letter?.['excerpt']).toBe('\uFFFD  A');
    expect([...(await fixture.payload(String(letter?.['sha256'])))]).toEqual([0xff, 0x1b, 0x00, 0x41]);
  });

  it('that end the process each time become dead letters unread', async () => {
    let called = 0;
    const handler = on('inbox:version.tagged', () => called++);
    const first = fixture.start('worker', [handler]);
    await connected(first);
    await first.stop();
    await fixture.tag('version.tagged.demo', 'deadly');
    await fixture.deliverInVain('INBOX', 'worker-inbox_version_tagged', 30);
    fixture.start('worker', [handler]);
    expect(await fixture.someDeadLetters()).toEqual([
      expect.objectContaining({ code: 'max_deliveries_exceeded', origin: 'inbox', excerpt: 'deadly' }),
    ]);
    expect(called).toBe(0);
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
    const worker = fixture.startWorker();
    await connected(worker);
    await fixture.tag('evt.work.WorkRequested.x', 'no event');
    await fixture.request(worker.store, 'a');
    await fixture.allDone(1);
    expect(await fixture.someDeadLetters()).toEqual([expect.objectContaining({ code: 'not_json', attempts: 1 })]);
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
