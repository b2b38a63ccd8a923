import { once } from 'node:events';
import type { Response } from 'express';
import type { RecordedEvent } from '@m3/contracts';
import { logEventJson } from './log-event.js';
import type { Slice } from './live-streams.js';

/** Server-sent events over one response. */

export interface EventStreamOptions {
  /** The stream is ended then, for its reader's token has expired; milliseconds since 1970. */
  readonly until: number;
  readonly heartbeatMs: number;
}

/** A reader that takes nothing for this long is gone, though its connection may not know. */
const STALLED_MS = 60_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Writes slices until the reader goes, the token expires or the source ends. The next slice is asked for only when the
 * reader has taken the one before, so a slow reader costs no memory.
 */
export async function sendEventStream(
  response: Response,
  open: (signal: AbortSignal) => AsyncIterable<Slice>,
  { until, heartbeatMs }: EventStreamOptions,
): Promise<void> {
  const over = new AbortController();
  response.once('close', () => over.abort());
  const expiry = setTimeout(() => over.abort(), Math.min(Math.max(0, until - Date.now()), LONGEST_TIMER_MS));
  let position: number | null = null;
  // The id moves a resuming reader past events that were not for it.
  const heartbeat = setInterval(() => {
    if (!response.writableNeedDrain) response.write(position === null ? ':\n\n' : `:\nid: ${position}\n\n`);
  }, heartbeatMs);
  try {
    begin(response);
    for await (const { events, upTo } of open(over.signal)) {
      for (const event of events) {
        await write(response, frame(event), over.signal);
        position = event.seq;
      }
      position = upTo;
    }
  } catch (error) {
    if (!isGone(error, over.signal)) throw error;
  } finally {
    clearTimeout(expiry);
    clearInterval(heartbeat);
    response.end();
  }
}

function begin(response: Response): void {
  response.status(200).set({
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store',
    'X-Accel-Buffering': 'no',
  });
  response.flushHeaders();
  response.write('retry: 1000\n\n');
}

function frame(event: RecordedEvent): string {
  return `id: ${event.seq}\nevent: ${event.type}\ndata: ${logEventJson(event)}\n\n`;
}

/** Waits while the reader is behind. @throws when it is gone, see {@link isGone} */
export async function write(response: Response, text: string, over: AbortSignal): Promise<void> {
  over.throwIfAborted();
  if (response.write(text)) return;
  await once(response, 'drain', { signal: AbortSignal.any([over, AbortSignal.timeout(STALLED_MS)]) });
}

/** Whether it was the reader who went, or stopped reading: no fault of anybody here. */
export function isGone(error: unknown, over: AbortSignal): boolean {
  return over.aborted || (error instanceof Error && error.name === 'AbortError');
}
