import { setTimeout as delay } from 'node:timers/promises';
import { LogEvent } from '@m3/contracts';
import { CliError } from '../cli-error.js';
import { type ApiClient, parseJson } from './api-client.js';
import { isPassing, NoAnswer, UnexpectedReply } from './api-errors.js';
import { replyCheck } from './reply-check.js';
import { SseParser } from './sse-parser.js';

/** How long to bear with a gateway that is away (a restart), in milliseconds. */
export interface StreamPatience {
  /** A connection without a byte for so long, heartbeats included, counts as cut. */
  readonly silence: number;
  readonly firstRetry: number;
  readonly longestRetry: number;
  /** Away for so long: give up with {@link NoAnswer}. */
  readonly giveUpAfter: number;
}

export const usualStreamPatience: StreamPatience = {
  silence: 60_000,
  firstRetry: 250,
  longestRetry: 5_000,
  giveUpAfter: 300_000,
};

/** What a reader of the stream sees: events, each once and in order of `seq`, and the connection coming and going. */
export type StreamItem =
  | { readonly kind: 'event'; readonly event: LogEvent }
  | { readonly kind: 'connected' }
  | { readonly kind: 'lost'; readonly reason: string };

export interface StreamRequest {
  readonly path: string;
  /** The last `seq` that is known already; 0 for the whole history. */
  readonly from: number;
  readonly signal: AbortSignal;
  readonly patience?: StreamPatience;
}

const isLogEvent = replyCheck(LogEvent);

/**
 * Follows a live stream for as long as it is read, through cuts and restarts of the gateway: it goes on after the last
 * `seq` that it handed out, and drops what comes a second time.
 * @throws ApiProblem when the stream is refused; NoAnswer when the gateway stays away; UnexpectedReply
 */
export async function* followStream(api: ApiClient, request: StreamRequest): AsyncGenerator<StreamItem, void> {
  const { signal, patience = usualStreamPatience } = request;
  const reader = new StreamReader(api, { ...request, patience });
  const absence = new Absence(patience);
  while (!signal.aborted) {
    for await (const item of reader.read()) {
      absence.end();
      yield item;
    }
    absence.begin();
    if (reader.fault !== null) {
      if (!isPassing(reader.fault) || absence.isTooLong()) throw reader.fault;
      yield { kind: 'lost', reason: reader.fault.message };
    }
    await delay(absence.pause(), undefined, { signal }).catch(() => undefined);
  }
}

/** The server has looked through the log up to here, and what it found has been handed out. */
interface Reached {
  readonly kind: 'reached';
  readonly seq: number;
}

/** Since when the gateway is away, and how long to wait before the next attempt. */
class Absence {
  private since: number | null = null;
  private retry = 0;

  constructor(private readonly patience: StreamPatience) {}

  begin(): void {
    if (this.since !== null) return;
    this.since = Date.now();
    this.retry = this.patience.firstRetry;
  }

  end(): void {
    this.since = null;
  }

  isTooLong(): boolean {
    return this.since !== null && Date.now() - this.since > this.patience.giveUpAfter;
  }

  pause(): number {
    const now = this.retry;
    this.retry = Math.min(now * 2, this.patience.longestRetry);
    return now;
  }
}

/** Reads connection after connection from where the one before was cut. */
class StreamReader {
  /** Why the latest connection ended; null: one of the two sides closed it. */
  fault: Error | null = null;
  private last: number;

  constructor(
    private readonly api: ApiClient,
    private readonly request: Required<StreamRequest>,
  ) {
    this.last = request.from;
  }

  /** Reads one connection; never throws. */
  async *read(): AsyncGenerator<StreamItem, void> {
    this.fault = null;
    try {
      for await (const item of readOnce(this.api, { ...this.request, from: this.last })) {
        if (item.kind === 'reached') this.last = Math.max(this.last, item.seq);
        else if (this.isFresh(item)) yield item;
      }
    } catch (error) {
      if (!this.request.signal.aborted) this.fault = error instanceof Error ? error : new Error(String(error));
    }
  }

  private isFresh(item: StreamItem): boolean {
    if (item.kind !== 'event') return true;
    if (item.event.seq <= this.last) return false;
    this.last = item.event.seq;
    return true;
  }
}

/** One connection, until it ends or breaks. */
async function* readOnce(api: ApiClient, request: Required<StreamRequest>): AsyncGenerator<StreamItem | Reached, void> {
  const { path, from, patience } = request;
  const watchdog = new Watchdog(request.signal, patience.silence);
  try {
    const body = await api.openStream(path, from, watchdog.signal);
    yield { kind: 'connected' };
    const parser = new SseParser();
    const decoder = new TextDecoder();
    for await (const piece of body) {
      watchdog.reset();
      for (const message of parser.push(decoder.decode(piece, { stream: true }))) {
        yield { kind: 'event', event: parseEvent(path, message.data) };
      }
      yield { kind: 'reached', seq: seqOf(parser.lastEventId) };
    }
  } catch (error) {
    if (error instanceof CliError) throw error;
    if (error instanceof RangeError) throw new UnexpectedReply(`GET ${path}`, error.message);
    throw new NoAnswer(api.settings.url, 'the live stream was cut', { idempotencyKey: null });
  } finally {
    watchdog.stop();
  }
}

/** 0 for an id that is none of ours. */
function seqOf(id: string): number {
  return /^\d{1,15}$/.test(id) ? Number(id) : 0;
}

function parseEvent(path: string, data: string): LogEvent {
  const parsed = parseJson(data);
  if (isLogEvent(parsed)) return parsed;
  throw new UnexpectedReply(`GET ${path}`, 'an event of the stream has fields missing or of another type');
}

/** Ends a connection that has gone silent, as half-open ones do. */
class Watchdog {
  private readonly controller = new AbortController();
  private timer: NodeJS.Timeout;
  readonly signal: AbortSignal;

  constructor(
    outer: AbortSignal,
    private readonly silence: number,
  ) {
    this.signal = AbortSignal.any([outer, this.controller.signal]);
    this.timer = this.started();
  }

  reset(): void {
    clearTimeout(this.timer);
    this.timer = this.started();
  }

  /** Also frees the socket when the reader stops early. */
  stop(): void {
    clearTimeout(this.timer);
    this.controller.abort();
  }

  private started(): NodeJS.Timeout {
    return setTimeout(() => this.controller.abort(), this.silence);
  }
}
