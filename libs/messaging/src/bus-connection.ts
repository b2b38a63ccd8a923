import { setTimeout as pause } from 'node:timers/promises';
import type { ConnectionOptions, NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import type { BusLog } from './bus-log.js';
import { lastingConnection } from './lasting-connection.js';

/** Told when the bus can be used (connected, streams there) and when it no longer can. */
export interface BusListener {
  up(connection: NatsConnection): void;
  down(): void;
}

export interface BusConnectionOptions {
  /** Servers, login and TLS as the NATS client takes them. */
  readonly nats: ConnectionOptions;
  /** Name of the service: shows in the server's connection list and names the private inbox. */
  readonly service: string;
  /** Makes sure of the streams; called after each connect until it succeeds. */
  readonly prepare: (connection: NatsConnection) => Promise<void>;
  readonly log: BusLog;
}

const RECONNECT_EVERY_MS = 250;
const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 2_000;
const REPAIR_AT_MOST_EVERY_MS = 1_000;

/** A connection to the bus that never gives up: it may be opened before the server runs, and outlives its data. */
export class BusConnection {
  private connection: NatsConnection | undefined;
  private readonly listeners: BusListener[] = [];
  private readonly stopping = new AbortController();
  private readySince: number | undefined;
  private preparing: Promise<void> | undefined;
  /** Grows with each (re)connect: what was prepared before one may be gone after it. */
  private generation = 0;
  private running: Promise<void> | undefined;

  constructor(private readonly options: BusConnectionOptions) {}

  /** Starts to connect in the background. Add listeners before. */
  open(): void {
    this.running ??= this.keepConnected();
  }

  listen(listener: BusListener): void {
    this.listeners.push(listener);
  }

  /** The connection while the bus can be used. */
  get ready(): NatsConnection | undefined {
    return this.readySince === undefined ? undefined : this.connection;
  }

  /** For how long the bus has been usable without a break, in milliseconds; 0 when it is not. */
  get readyForMs(): number {
    return this.readySince === undefined ? 0 : performance.now() - this.readySince;
  }

  /** The start of private reply subjects: a login on the bus needs to subscribe to nothing else of its own. */
  get inboxPrefix(): string {
    return this.options.nats.inboxPrefix ?? `_INBOX_${this.options.service}`;
  }

  /** Somebody found a stream or consumer missing: everything is made sure of again, at most once a second. */
  repair(): void {
    if (this.readyForMs < REPAIR_AT_MOST_EVERY_MS) return;
    this.options.log.warn('a stream or consumer of the bus is missing; making it again');
    this.becomeReady();
  }

  async close(): Promise<void> {
    this.stopping.abort();
    this.becomeUnready();
    const { connection } = this;
    await connection?.flush().catch(() => undefined);
    await connection?.close();
    await this.running;
  }

  private async keepConnected(): Promise<void> {
    const { signal } = this.stopping;
    for (let delay = FIRST_RETRY_MS; !signal.aborted; delay = Math.min(delay * 2, MAX_RETRY_MS)) {
      try {
        await this.useConnection(await this.connect());
        delay = FIRST_RETRY_MS;
      } catch (error) {
        if (delay === FIRST_RETRY_MS) this.options.log.warn({ err: error }, 'the bus cannot be reached; trying on');
      }
      await pause(delay, undefined, { signal }).catch(() => undefined);
    }
  }

  private connect(): Promise<NatsConnection> {
    const { service, nats } = this.options;
    return connect({
      name: service,
      inboxPrefix: this.inboxPrefix,
      timeout: 2_000,
      ...lastingConnection({ reconnectEveryMs: RECONNECT_EVERY_MS }),
      ignoreAuthErrorAbort: true,
      // A stack trace for each request costs more than the request.
      noAsyncTraces: true,
      ...nats,
    });
  }

  /** Resolves when the connection is closed for good. */
  private async useConnection(connection: NatsConnection): Promise<void> {
    this.connection = connection;
    if (this.stopping.signal.aborted) return connection.close();
    this.becomeReady();
    for await (const status of connection.status()) {
      if (status.type === 'disconnect') this.becomeUnready();
      else if (status.type === 'reconnect') this.becomeReady();
      else if (status.type === 'error') this.options.log.warn({ err: status.error }, 'the bus reported an error');
    }
    this.becomeUnready();
    await connection.close();
  }

  private becomeUnready(): void {
    if (this.readySince === undefined) return;
    this.readySince = undefined;
    for (const listener of this.listeners) listener.down();
  }

  private becomeReady(): void {
    this.becomeUnready();
    this.generation++;
    this.preparing ??= this.prepare().finally(() => {
      this.preparing = undefined;
    });
  }

  private async prepare(): Promise<void> {
    const { prepare, log } = this.options;
    for (let delay = FIRST_RETRY_MS; this.usable(); delay = Math.min(delay * 2, MAX_RETRY_MS)) {
      try {
        const { connection, generation } = this;
        if (!connection) return;
        await prepare(connection);
        if (generation === this.generation) {
          this.announce(connection);
          return;
        }
      } catch (error) {
        log.warn({ err: error }, 'the streams of the bus cannot be made sure of; trying on');
      }
      await pause(delay, undefined, { signal: this.stopping.signal }).catch(() => undefined);
    }
  }

  private usable(): boolean {
    return !this.stopping.signal.aborted && this.connection?.isClosed() === false;
  }

  private announce(connection: NatsConnection): void {
    if (!this.usable()) return;
    this.readySince = performance.now();
    for (const listener of this.listeners) listener.up(connection);
    this.options.log.info({ server: connection.getServer() }, 'the bus can be used');
  }
}
