import { Server, type CustomTransportStrategy, type MessageHandler } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import type { Handler } from './consumer.js';
import { parsePattern } from './subjects.js';

/** Transport id of the event bus: handlers that name it are not offered to other transports of the application. */
export const EVENT_BUS = Symbol('m3-event-bus');

/** What a handler may ask for, in the extras of its pattern. */
export interface HandlerOptions {
  /** Messages of this pattern at a time in one process. Default: 16. */
  readonly concurrency?: number;
  /** How long the bus waits before it delivers again when the process has gone silent. Default: 30,000. */
  readonly ackWaitMs?: number;
  /**
   * Only this service appends these events: each is handed over by the process that appended it, right after the commit,
   * and not by the bus.
   */
  readonly own?: boolean;
}

/** What the strategy starts and stops. */
export interface BusRunner {
  start(handlers: readonly Handler[]): void;
  stop(): Promise<void>;
}

const DEFAULT_CONCURRENCY = 16;
const DEFAULT_ACK_WAIT_MS = 30_000;

/**
 * Lets Nest controllers handle events of the log (`@HandleEvent(definition)` or `@EventPattern('publish.BackupRequested')`)
 * and raw messages (`@EventPattern('inbox:version.tagged')`). One handler a pattern: a second one is refused at start.
 */
export class EventBusStrategy extends Server implements CustomTransportStrategy {
  override readonly transportId = EVENT_BUS;
  override readonly propagatesEventHandlerErrors = true;
  private readonly declared = new Map<string, Handler>();

  constructor(private readonly runner: BusRunner) {
    super();
  }

  override addHandler(
    pattern: unknown,
    callback: MessageHandler,
    isEventHandler = false,
    extras: Readonly<Record<string, unknown>> = {},
  ): void {
    // Request/reply handlers of the same controllers belong to another transport.
    if (!isEventHandler) return;
    const route = parsePattern(this.normalizePattern(String(pattern)));
    if (this.declared.has(route.pattern)) {
      throw new Error(`two handlers are declared for ${route.pattern}; the event bus gives each message to one`);
    }
    this.declared.set(route.pattern, {
      route,
      call: async (payload, delivery) => settled(await callback(payload, delivery)),
      concurrency: limit(extras['concurrency'], DEFAULT_CONCURRENCY, 'concurrency'),
      ackWaitMs: limit(extras['ackWaitMs'], DEFAULT_ACK_WAIT_MS, 'ackWaitMs'),
      own: extras['own'] === true,
    });
  }

  /** Returns at once: the bus may come later. */
  listen(callback: (...results: unknown[]) => void): void {
    this.runner.start([...this.declared.values()]);
    callback();
  }

  close(): Promise<void> {
    return this.runner.stop();
  }

  override on(): never {
    throw new Error('the event bus has no events to listen to; see its metrics');
  }

  override unwrap(): never {
    throw new Error('the connection to the bus is not for use by others');
  }
}

/** Nest answers with an observable where a filter, interceptor or handler made one. */
function settled(result: unknown): unknown {
  return isObservable(result) ? lastValueFrom(result, { defaultValue: undefined }) : result;
}

function limit(value: unknown, byDefault: number, name: string): number {
  if (value === undefined) return byDefault;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value;
  throw new Error(`${name} of a handler must be a whole number above 0, not ${JSON.stringify(value)}`);
}
