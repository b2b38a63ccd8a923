import { eventually } from '@m3/testing';
import { connected, Fixture, jobOf, on } from './bus-fixture.spec.js';
import { Busy, Unprocessable } from './errors.js';

let fixture: Fixture;
beforeEach(async () => {
  fixture = await Fixture.open();
});
afterEach(() => fixture.close());

/** A replica that takes its own events, and what it was given. */
function owner(act: (job: string) => void = () => undefined, graceMs = 60_000) {
  const handled: string[] = [];
  const take = on(
    'work.WorkRequested',
    (event, { source, repeated }) => {
      act(jobOf(event));
      handled.push(`${source} ${jobOf(event)}${repeated ? ' again' : ''}`);
    },
    { own: true },
  );
  return { replica: fixture.start('owner', [take], { graceMs }), handled };
}

it('gives an event to the process that appended it, and not to another one', async () => {
  const [here, there] = [owner(), owner()];
  await connected(here.replica);
  await connected(there.replica);
  await fixture.request(here.replica.store, 'a');
  await eventually('it is handled', () => here.handled.length > 0);
  expect([here.handled, there.handled]).toEqual([['here a'], []]);
});

it('needs no bus', async () => {
  await fixture.killBus();
  const { replica, handled } = owner();
  await fixture.request(replica.store, 'a');
  await eventually('it is handled', () => handled.length > 0);
  expect(handled).toEqual(['here a']);
});

it('still tells everybody else of it over the bus', async () => {
  const { replica } = owner();
  const heard: string[] = [];
  const listener = fixture.start('listener', [on('work.WorkRequested', (event) => heard.push(jobOf(event)))], {
    graceMs: 60_000,
  });
  await connected(replica);
  await connected(listener);
  await fixture.request(replica.store, 'a');
  await eventually('it is heard', () => heard.length > 0);
});

it('leaves events that are read from the log alone out of the bus', async () => {
  const heard: string[] = [];
  const listener = fixture.start('listener', [on('work.WorkRequested', (event) => heard.push(jobOf(event)))]);
  await connected(listener);
  const noted = { type: 'WorkNoted', data: { job: 'a' } };
  const context = { actor: { kind: 'service', id: 'spec' }, correlationId: 'a', causationId: null } as const;
  const occurredAt = '2026-03-19T14:00:00.000Z';
  await listener.store.append([{ stream: 'work-noted', expectedVersion: 0, events: [noted] }], {
    ...context,
    occurredAt,
  });
  await fixture.request(listener.store, 'b');
  await eventually('what comes after it is heard', () => heard.includes('b'));
  expect(await fixture.subjects()).toEqual(['evt.work.WorkRequested.b']);
});

it('refuses a handler of events that the bus does not carry', () => {
  const listener = fixture.make('listener');
  expect(() => listener.bus.start([on('work.WorkNoted', () => undefined)])).toThrow(
    'WorkNoted is declared to be read from the log alone; the bus brings it to no handler',
  );
});

it('gives an event whose time has not come to the same process again', async () => {
  let attempts = 0;
  const { replica, handled } = owner((job) => {
    if (++attempts < 3) throw new Busy(job);
  });
  await fixture.request(replica.store, 'a');
  await eventually('it is handled', () => handled.length > 0);
  expect(handled).toEqual(['here a again']);
});

it('leaves what a process did not get to do to the catch-up of another', async () => {
  const { handled } = owner(undefined, 100);
  await fixture.request(fixture.log, 'of-a-process-that-ended');
  await eventually('it is handled', () => handled.length > 0);
  expect(handled).toEqual(['catch-up of-a-process-that-ended again']);
});

it('handles a dead letter that is brought back', async () => {
  let mended = false;
  const { replica, handled } = owner(() => {
    if (!mended) throw new Unprocessable('bad_job', 'not mended');
  });
  await connected(replica);
  await fixture.request(replica.store, 'a');
  const [letter] = await fixture.someDeadLetters();
  mended = true;
  const bytes = await fixture.payload(String(letter?.['sha256']));
  const ids = { id: 'dlq_1', replayId: 'replay-1' };
  await replica.bus.replay.replay({
    ...ids,
    consumer: 'owner-WorkRequested',
    subject: 'evt.work.WorkRequested.a',
    bytes,
  });
  await eventually('it is handled', () => handled.length > 0);
  expect(handled).toEqual(['bus a again']);
});
