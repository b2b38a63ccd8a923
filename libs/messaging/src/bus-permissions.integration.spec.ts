import { eventually } from '@m3/testing';
import { Fixture, jobOf, on } from './bus-fixture.spec.js';
import { busPermissions } from './bus-permissions.js';
import { Unprocessable } from './errors.js';

const login = (user: string) => ({ user, password: `password of ${user}` });
const worker = busPermissions({
  service: 'worker',
  patterns: ['work.WorkRequested', 'inbox:version.tagged'],
  categories: ['deadletter'],
});
const writer = busPermissions({ service: 'writer', patterns: [], categories: ['work'] });

describe('a service with no rights on the bus but its own', () => {
  let fixture: Fixture;
  beforeEach(async () => {
    fixture = await Fixture.open({
      users: [{ ...login('worker'), ...worker }, { ...login('writer'), ...writer }, login('admin')],
    });
  });
  afterEach(() => fixture.close());

  const as = (user: string) => {
    const { password } = login(user);
    return { nats: { servers: fixture.nats.url, user, pass: password } };
  };

  it('makes streams and consumers, handles, and sets aside what it cannot handle', async () => {
    const handled: string[] = [];
    const warnings: unknown[] = [];
    const log = {
      info: () => undefined,
      warn: (fields: unknown) => void warnings.push(fields),
      error: () => undefined,
    };
    const reader = fixture.start(
      'worker',
      [
        on('work.WorkRequested', (event, { source }) => {
          if (jobOf(event) === 'poison') throw new Unprocessable('bad_job', 'the job is poisoned');
          handled.push(`${source} ${jobOf(event)}`);
        }),
        on('inbox:version.tagged', () => undefined),
      ],
      { ...as('worker'), log, graceMs: 60_000 },
    );
    const other = fixture.start('writer', [], { ...as('writer'), log });
    await eventually('both are connected', () => reader.bus.connected && other.bus.connected);
    await fixture.request(other.store, 'poison', 'a');
    await eventually('it is handled', () => handled.length > 0);
    await eventually('the letter is recorded', () => fixture.deadLetters(), { until: (all) => all.length > 0 });
    expect([handled, warnings]).toEqual([['bus a'], []]);
  });

  it('cannot pass off an event of another service', async () => {
    const refused: unknown[] = [];
    const log = { info: () => undefined, warn: (fields: unknown) => void refused.push(fields), error: () => undefined };
    const reader = fixture.start('worker', [], { ...as('worker'), log });
    await eventually('it is connected', () => reader.bus.connected);
    reader.bus.relay.send({ id: '1', subject: 'evt.work.WorkRequested.x', payload: '{}' });
    await eventually('it is refused', () => refused.length > 0);
    expect(JSON.stringify(refused)).toContain('PermissionViolationError');
  });
});
