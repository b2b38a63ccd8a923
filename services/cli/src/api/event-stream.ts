import { setTimeout as delay } from 'node:timers/promises';
import { LogEvent } from '@m3/contracts';
import { CliError } from '../cli-error.js';
import { type ApiClient, parseJson } from './api-client.js';
import { ApiProblem, NoAnswer, UnexpectedReply } from './api-errors.js';
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
 * @throws ApiProblem when the stream is refused; NoAnswer when the gateway stays away
 */
export async function* followStream(api: ApiClient, request: StreamRequest): AsyncGenerator<StreamItem, void> {
  const { path, signal, patience = usualStreamPatience } = request;
  let last = request.from;
  let away: { since: number; retry: number } | null = null;
  while (!signal.aborted) {
    try {
      for await (const item of readOnce(api, { path, from: last, signal, patience })) {
        if (item.kind === 'event') {
          if (item.event.seq <= last) continue;
          last = item.event.seq;
        }
        away = null;
        yield item;
      }
    } catch (error) {
      if (signal.aborted) return;
      away ??= { since: Date.now(), retry: patience.firstRetry };
      if (!isPassing(error) || Date.now() - away.since > patience.giveUpAfter) throw error;
      yield { kind: 'lost', reason: error.message };
    }
    away ??= { since: Date.now(), retry: patience.firstRetry };
    await pause(away.retry, signal);
    away.retry = Math.min(away.retry * 2, patience.longestRetry);
  }
}

/** One connection, until it ends or breaks. */
async function* readOnce(api: ApiClient, request: Required<StreamRequest>): AsyncGenerator<StreamItem, void> {
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
    }
  } catch (error) {
    if (error instanceof CliError) throw error;
    if (error instanceof RangeError) throw new UnexpectedReply(`GET ${path}`, error.message);
    throw new NoAnswer(api.settings.url, 'the live stream was cut', { idempotencyKey: null });
  } finally {
    watchdog.stop();
  }
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

function isPassing(error: unknown): error is Error {
  return error instanceof NoAnswer || (error instanceof ApiProblem && (error.status >= 500 || error.status === 429));
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await delay(milliseconds, undefined, { signal }).catch(() => undefined);
}
