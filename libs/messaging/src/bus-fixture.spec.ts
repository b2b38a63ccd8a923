import { defineEvent, deadLetterEvents, EventRegistry, type NewEvent, type RecordedEvent } from '@m3/contracts';
import { createPool, migrateEventStore, PostgresEventStore, Sealer, type EventStore } from '@m3/event-store';
import type { NatsOptions, NatsServer } from '@m3/local-servers';
import { createTestDatabase, eventually, startTestNats, type TestDatabase } from '@m3/testing';
import { connect } from '@nats-io/transport-node';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { Type } from '@sinclair/typebox';
import type { Pool } from 'pg';
import { PostgresCheckpoints, type Checkpoint } from './checkpoints.js';
import { encodeEvent } from './cloud-event.js';
import type { Handler } from './consumer.js';
import { EventBus, type EventBusOptions } from './event-bus.js';
import { PostgresDeadLetterPayloads } from './log-dead-letters.js';
import { migrateMessaging } from './messaging-migrations.js';
import { PostgresSessionLocks } from './session-locks.js';
import { eventSubject, parsePattern } from './subjects.js';

const schema = Type.Object({ job: Type.String() });
export const workRequested = defineEvent({ type: 'WorkRequested', category: 'work', schema, example: { job: '1' } });
export const workDone = defineEvent({ type: 'WorkDone', category: 'work', schema, example: { job: '1' } });
export const workNoted = defineEvent({
  type: 'WorkNoted',
  category: 'work',
  logOnly: true,
  schema,
  example: { job: '1' },
});
export const registry = new EventRegistry([workRequested, workDone, workNoted, ...deadLetterEvents]);

export const silent: EventBusOptions['log'] = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** The job that an event is about. */
export function jobOf(event: unknown): string {
  if (typeof event === 'object' && event !== null && 'data' in event) {
    const { data } = event;
    if (typeof data === 'object' && data !== null && 'job' in data) return String(data.job);
  }
  throw new Error('not an event about a job');
}

export function on(
  pattern: string,
  call: (...message: Parameters<Handler['call']>) => unknown,
  {
    concurrency = 8,
    ackWaitMs = 30_000,
    own = false,
  }: Partial<Pick<Handler, 'concurrency' | 'ackWaitMs' | 'own'>> = {},
): Handler {
  return {
    route: parsePattern(pattern),
    call: async (...message) => await call(...message),
    concurrency,
    ackWaitMs,
    own,
  };
}

/** One process of a service, as far as messaging is concerned. */
export interface Replica {
  readonly bus: EventBus;
  readonly store: EventStore;
  /** Closes everything in good order. May be called again. */
  stop(): Promise<void>;
}

type Change = Partial<EventBusOptions>;

/** Names of jobs: '1', '2' … */
export const jobs = (count: number): string[] => Array.from({ length: count }, (_, index) => `${index + 1}`);

export const connected = (replica: Replica): Promise<boolean> =>
  eventually('the bus is connected', () => replica.bus.connected);

/** A log, a bus, and as many services on them as a test wants. */
export class Fixture {
  private readonly replicas: Replica[] = [];

  readonly log: PostgresEventStore;
  private readonly sealer: Sealer;

  private constructor(
    private readonly database: TestDatabase,
    readonly pool: Pool,
    public nats: NatsServer,
  ) {
    this.log = new PostgresEventStore(pool, registry);
    this.sealer = new Sealer({ connectionString: database.url });
    this.sealer.start();
  }

  static async open(nats: Partial<NatsOptions> = {}): Promise<Fixture> {
    const database = await createTestDatabase({ name: 'messaging', prepare });
    const pool = createPool({ connectionString: database.url, applicationName: 'spec', max: 10 });
    return new Fixture(database, pool, await startTestNats(nats));
  }

  async close(): Promise<void> {
    for (const replica of this.replicas) await replica.stop();
    await this.sealer.stop();
    await this.pool.end();
    await this.nats.stop();
    await this.database.drop();
  }

  /** Ends the bus as a crash does. */
  async killBus(): Promise<void> {
    await this.nats.kill();
  }

  /** Starts the bus on its old port with an empty data folder. */
  async restartBusWithoutData(): Promise<void> {
    this.nats = await startTestNats({ port: this.nats.port });
  }

  /** Starts a process of a service. */
  start(service: string, handlers: readonly Handler[], change: Change = {}): Replica {
    const replica = this.make(service, change);
    replica.bus.start(handlers);
    return replica;
  }

  /** A worker that does each job once, whatever comes twice. */
  startWorker(change: Change = {}): Replica {
    const worker: Replica = this.start(
      'worker',
      [on('work.WorkRequested', (event) => this.doOnce(worker.store, jobOf(event)))],
      change,
    );
    return worker;
  }

  /** A process of a service that is not started yet. */
  make(service: string, change: Change = {}): Replica {
    const locks = new PostgresSessionLocks({
      connectionString: this.database.url,
      application_name: `${service} locks`,
    });
    const bus = new EventBus({
      service,
      nats: { servers: this.nats.url },
      store: this.log,
      registry,
      checkpoints: new PostgresCheckpoints(this.pool),
      locks,
      payloads: new PostgresDeadLetterPayloads(this.pool),
      log: silent,
      ...change,
    });
    const stop = async (): Promise<void> => {
      await bus.stop();
      await locks.close();
    };
    const replica = { bus, store: bus.store, stop };
    this.replicas.push(replica);
    return replica;
  }

  /** Appends `WorkRequested` for each job, a stream each. */
  async request(store: EventStore, ...jobs: readonly string[]): Promise<readonly RecordedEvent[]> {
    const appended = await Promise.all(
      jobs.map((job) => append(store, `work-${job}`, 0, { type: 'WorkRequested', data: { job } })),
    );
    return appended.flat();
  }

  /** Records that a job was done, unless the log says so already: an effect that happens once. */
  async doOnce(store: EventStore, job: string): Promise<void> {
    const history = await store.readStream(`work-${job}`);
    if (history.some(({ type }) => type === 'WorkDone')) return;
    await append(store, `work-${job}`, history.length, { type: 'WorkDone', data: { job } });
  }

  /** Jobs by how often the log says that they were done. */
  async done(): Promise<ReadonlyMap<string, number>> {
    const { rows } = await this.pool.query<{ job: string; times: number }>(
      `SELECT data ->> 'job' AS job, count(*)::int AS times FROM event_store.event WHERE type = 'WorkDone' GROUP BY 1`,
    );
    return new Map(rows.map(({ job, times }) => [job, times]));
  }

  /** {@link done}, once it names so many jobs. */
  allDone(count: number): Promise<ReadonlyMap<string, number>> {
    const until = (done: ReadonlyMap<string, number>): boolean => done.size >= count;
    return eventually(`${count} jobs are done`, () => this.done(), { until, timeoutMs: 60_000 });
  }

  /** {@link deadLetters}, once there are any. */
  someDeadLetters(): Promise<readonly Record<string, unknown>[]> {
    return eventually('a dead letter is recorded', () => this.deadLetters(), { until: (all) => all.length > 0 });
  }

  async deadLetters(): Promise<readonly Record<string, unknown>[]> {
    const { rows } = await this.pool.query<{ data: Record<string, unknown> }>(
      `SELECT data FROM event_store.event WHERE type = 'DeadLetterRecorded' ORDER BY position`,
    );
    return rows.map(({ data }) => data);
  }

  async payload(sha256: string): Promise<Uint8Array> {
    return (await new PostgresDeadLetterPayloads(this.pool).read(sha256)) ?? new Uint8Array();
  }

  async checkpoint(service: string): Promise<Checkpoint> {
    return (await new PostgresCheckpoints(this.pool).load(service)) ?? { seq: 0, open: [] };
  }

  /** What another system does: publishes and waits for the bus to have it. */
  async tag(subject: string, bytes: Uint8Array | string): Promise<void> {
    await this.onBus((connection) => jetstream(connection).publish(subject, bytes));
  }

  /** Sends an event as often as asked, past the bus's own detection of repeats. */
  async sendCopies(event: RecordedEvent | undefined, count: number): Promise<void> {
    if (!event) throw new Error('there is no event to send');
    const payload = encodeEvent(event, 'spec');
    await this.onBus(async (connection) => {
      for (let sent = 0; sent < count; sent++) await jetstream(connection).publish(eventSubject(event), payload);
    });
  }

  /** Messages that a consumer was given or will be given, and has not acknowledged. */
  unacknowledged(durable: string): Promise<number> {
    return this.onBus(async (connection) => {
      const { consumers } = await jetstreamManager(connection);
      const { num_pending, num_ack_pending } = await consumers.info('EVENTS', durable);
      return num_pending + num_ack_pending;
    });
  }

  /** Takes a consumer's next message as a process does that dies of it. */
  async deliverInVain(stream: string, durable: string, times: number): Promise<void> {
    await this.onBus(async (connection) => {
      const consumer = await jetstream(connection).consumers.get(stream, durable);
      for (let taken = 0; taken < times; taken++) (await consumer.next())?.nak();
      await connection.flush();
    });
  }

  /** Subjects of the messages that the event stream keeps. */
  subjects(): Promise<readonly string[]> {
    return this.onBus(async (connection) => {
      const { streams } = await jetstreamManager(connection);
      const { state } = await streams.info('EVENTS', { subjects_filter: '>' });
      return Object.keys(state.subjects ?? {});
    });
  }

  deleteStream(name: string): Promise<boolean> {
    return this.onBus(async (connection) => (await jetstreamManager(connection)).streams.delete(name));
  }

  private async onBus<Result>(use: (connection: NatsConnection) => Promise<Result>): Promise<Result> {
    const connection = await connect({ servers: this.nats.url });
    try {
      return await use(connection);
    } finally {
      await connection.close();
    }
  }
}

async function prepare(connectionString: string): Promise<void> {
  const pool = createPool({ connectionString, applicationName: 'spec' });
  await migrateEventStore(pool);
  await migrateMessaging(pool);
  await pool.end();
}

async function append(store: EventStore, stream: string, expectedVersion: number, event: NewEvent) {
  const result = await store.append([{ stream, expectedVersion, events: [event] }], {
    actor: { kind: 'service', id: 'spec' },
    correlationId: stream,
    causationId: null,
    occurredAt: new Date().toISOString(),
  });
  return result.outcome === 'appended' ? result.events : [];
}
