import type { Response } from 'express';
import type { EventStore } from '@m3/event-store';
import { isGone, write } from './event-stream.js';
import { logEventJson } from './log-event.js';

const BATCH = 500;

/** Sends the log as NDJSON, up to its end at the time of asking. A reader that is slow is waited for. */
export async function sendAuditExport(
  response: Response,
  log: Pick<EventStore, 'readLog' | 'lastSeq'>,
  { from, limit }: { readonly from: number; readonly limit: number },
): Promise<void> {
  const end = Math.min(await log.lastSeq(), from + limit);
  const over = new AbortController();
  response.once('close', () => over.abort());
  response.status(200).set({ 'Content-Type': 'application/x-ndjson; charset=utf-8', 'Cache-Control': 'no-store' });
  try {
    for await (const lines of pages(log, from, end)) await write(response, lines, over.signal);
  } catch (error) {
    if (!isGone(error, over.signal)) throw error;
  }
  response.end();
}

async function* pages(log: Pick<EventStore, 'readLog'>, from: number, end: number): AsyncGenerator<string, void> {
  for (let after = from; after < end;) {
    const events = await log.readLog({ afterSeq: after, limit: Math.min(BATCH, end - after) });
    const last = events.at(-1)?.seq;
    if (last == null) return;
    yield events.map((event) => `${logEventJson(event)}\n`).join('');
    after = last;
  }
}
