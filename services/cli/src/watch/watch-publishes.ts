import { setTimeout as delay } from 'node:timers/promises';
import { isFinalPublishStatus, PublishDetail, PublishEvents, type LogEvent } from '@m3/contracts';
import { apiPath, type ApiClient } from '../api/api-client.js';
import { ApiProblem, isPassing } from '../api/api-errors.js';
import { followStream, type StreamPatience } from '../api/event-stream.js';
import { publishIdsOf } from './events-of-publish.js';
import { type PublishLogLine, ShownLog } from './shown-log.js';

/** What a watcher shows. Called in order; each log line and each event comes once. */
export interface WatchView {
  publish(publish: PublishDetail, newLines: readonly PublishLogLine[]): void;
  event(event: LogEvent): void;
  connection(state: 'connected' | 'lost', reason: string): void;
  end(): void;
}

export interface WatchPatience {
  readonly stream: StreamPatience;
  /** A publish that was requested a moment ago may not be in the lists yet. Milliseconds. */
  readonly appearsWithin: number;
  /** Looks even if no event comes. Milliseconds. */
  readonly lookEvery: number;
}

export interface WatchRequest {
  readonly ids: readonly string[];
  /** Milliseconds; null: until the end. */
  readonly timeout: number | null;
  /** Show every event, from the first on. */
  readonly wantsEvents: boolean;
  readonly wantsLogs: boolean;
  readonly patience: WatchPatience;
}

/**
 * Follows publishes until all have ended or the time is up, and returns them as they then stand. The live stream says
 * *that* something happened; what it came to is read from the publish, so that every view shows what the gateway shows.
 * @throws ApiProblem, NoAnswer when the gateway stays away, UnexpectedReply
 */
export async function watchPublishes(api: ApiClient, request: WatchRequest, view: WatchView): Promise<PublishDetail[]> {
  try {
    return await new Watch(api, request, view).run();
  } finally {
    view.end();
  }
}

/** How many publishes are asked for at once. */
const batch = 8;

class Watch {
  private readonly publishes = new Map<string, PublishDetail>();
  private readonly log: ShownLog;
  /** Publishes to look at again, with the `seq` that the look has to cover. */
  private readonly dirty = new Map<string, number>();
  private readonly stopped = new AbortController();
  private wake: () => void = () => undefined;
  private timedOut = false;
  private fault: { readonly error: unknown } | null = null;

  constructor(
    private readonly api: ApiClient,
    private readonly request: WatchRequest,
    private readonly view: WatchView,
  ) {
    this.log = new ShownLog(api);
  }

  async run(): Promise<PublishDetail[]> {
    const { ids, timeout, patience } = this.request;
    const deadline = timeout === null ? null : setTimeout(() => this.timeOut(), timeout);
    const lookout = setInterval(() => this.lookAgain(), patience.lookEvery);
    try {
      await inBatches(ids, (id) => this.lookFirst(id));
      await this.showEvents();
      await this.followToTheEnd();
      await this.showEvents();
      return ids.flatMap((id) => this.publishes.get(id) ?? []);
    } finally {
      this.stopped.abort();
      clearInterval(lookout);
      if (deadline !== null) clearTimeout(deadline);
    }
  }

  private async followToTheEnd(): Promise<void> {
    if (this.done()) return;
    const reading = this.readStream();
    for (let idle = 0; !this.done(); idle++) {
      if (this.dirty.size === 0) {
        await this.nextChange();
        idle = 0;
      }
      await this.lookAtDirty();
      // The lists run a little behind the stream.
      if (this.dirty.size > 0 && !this.done()) await delay(Math.min(25 * 2 ** idle, 1000));
    }
    this.stopped.abort();
    await reading;
  }

  private done(): boolean {
    if (this.fault !== null) throw this.fault.error;
    return this.timedOut || this.open().length === 0;
  }

  private open(): string[] {
    return this.request.ids.filter((id) => {
      const publish = this.publishes.get(id);
      return publish === undefined || !isFinalPublishStatus(publish.status);
    });
  }

  private timeOut(): void {
    this.timedOut = true;
    this.wake();
  }

  private lookAgain(): void {
    for (const id of this.open()) this.markDirty(id, 0);
  }

  private markDirty(id: string, seq: number): void {
    this.dirty.set(id, Math.max(seq, this.dirty.get(id) ?? 0));
    this.wake();
  }

  private async nextChange(): Promise<void> {
    if (this.timedOut || this.fault !== null) return;
    await new Promise<void>((resolve) => (this.wake = resolve));
  }

  /** A publish may take a moment to appear after it was accepted. */
  private async lookFirst(id: string): Promise<void> {
    const until = Date.now() + this.request.patience.appearsWithin;
    for (;;) {
      try {
        await this.look(id);
        return;
      } catch (error) {
        const notYet = error instanceof ApiProblem && error.status === 404;
        if (!notYet || Date.now() > until || this.timedOut) throw error;
      }
      await delay(100);
    }
  }

  private async lookAtDirty(): Promise<void> {
    await inBatches([...this.dirty.keys()], async (id) => {
      try {
        await this.look(id);
      } catch (error) {
        // The stream notices too, and knows when to give up.
        if (!isPassing(error)) throw error;
      }
      const covered = (this.publishes.get(id)?.as_of_seq ?? 0) >= (this.dirty.get(id) ?? 0);
      if (covered) this.dirty.delete(id);
    });
  }

  private async look(id: string): Promise<void> {
    const publish = await this.api.get(apiPath('publishes', id), PublishDetail);
    const lines = this.request.wantsLogs ? await this.log.newLines(id) : [];
    this.publishes.set(id, publish);
    this.view.publish(publish, lines);
  }

  /** What the stream did not bring: events from before it was opened, and those that it still owed at the end. */
  private async showEvents(): Promise<void> {
    if (!this.request.wantsEvents) return;
    for (const id of this.request.ids) {
      const { items } = await this.api.get(apiPath('publishes', id, 'events'), PublishEvents);
      for (const event of items) if (this.log.isNewEvent(id, event)) this.view.event(event);
    }
  }

  private async readStream(): Promise<void> {
    try {
      const [first, ...others] = this.request.ids;
      const path = others.length === 0 ? apiPath('publishes', first ?? '', 'stream') : 'stream';
      const from = Math.min(...[...this.publishes.values()].map((publish) => publish.as_of_seq));
      const patience = this.request.patience.stream;
      for await (const item of followStream(this.api, { path, from, signal: this.stopped.signal, patience })) {
        if (item.kind === 'event') this.onEvent(item.event);
        else this.view.connection(item.kind, item.kind === 'lost' ? item.reason : '');
      }
    } catch (error) {
      this.fault = { error };
      this.wake();
    }
  }

  private onEvent(event: LogEvent): void {
    const { ids, wantsEvents } = this.request;
    for (const id of ids.length === 1 ? ids : publishIdsOf(event).filter((named) => ids.includes(named))) {
      if (wantsEvents && this.log.isNewEvent(id, event)) this.view.event(event);
      if (event.seq > (this.publishes.get(id)?.as_of_seq ?? 0)) this.markDirty(id, event.seq);
    }
  }
}

async function inBatches(ids: readonly string[], work: (id: string) => Promise<void>): Promise<void> {
  for (let start = 0; start < ids.length; start += batch) await Promise.all(ids.slice(start, start + batch).map(work));
}
