import type { RecordedEvent } from '@m3/contracts';
import type { EventHead, EventStore } from '@m3/event-store';
import type { BusLog } from './bus-log.js';
import type { Checkpoint, Checkpoints } from './checkpoints.js';
import type { Outcome } from './handling.js';
import type { MessagingMetrics } from './metrics.js';
import type { SessionLock, SessionLocks } from './session-locks.js';

/** What catch-up needs from the service that it works for. */
export interface CatchUpHooks {
  /** How long others get to bring an event of that type and time before catch-up does; 0 when they cannot be expected to. */
  graceMs(type: string, recordedAtMs: number): number;
  /** Whether catch-up is the only way, because the bus is down. */
  isAlone(): boolean;
  /** Whether the event was handled by a replica of this service, as far as this process knows. */
  isDone(event: EventHead): boolean;
  /** Whether one more event of this type can be started. */
  hasRoom(type: string): boolean;
  /** Hands the event to its handler. Never rejects. */
  handle(event: RecordedEvent): Promise<Outcome> | Outcome;
}

export interface CatchUpOptions {
  /** Name of the checkpoint: the service. */
  readonly name: string;
  readonly types: readonly string[];
  readonly store: EventStore;
  readonly checkpoints: Checkpoints;
  readonly locks: SessionLocks;
  readonly metrics: MessagingMetrics;
  readonly log: BusLog;
  readonly hooks: CatchUpHooks;
  /** Where a service without a checkpoint starts. Default: `beginning`. */
  readonly firstStart?: 'beginning' | 'end';
}

interface OpenEvent {
  readonly head: EventHead;
  readonly recordedAt: number;
  readonly seenAt: number;
  notBefore: number;
  running: boolean;
}

const PAGE = 500;
/** Events in hand; beyond, reading waits, so that the checkpoint stays small. */
const MAX_OPEN = 5_000;
const SAVE_EVERY_MS = 500;
const STAND_BY_MS = 1_000;
const IDLE_MS = 500;
const HURRIED_MS = 25;
const WAKE_AFTER_MS = 2;
const READ_AGAIN_MS = 1_000;

/**
 * The guarantee that every event is handled: reads the sealed log from a checkpoint and hands on whatever the bus has not
 * brought within its grace. One process of a service does it at a time; the others stand by.
 */
export class CatchUp {
  private readonly stopping = new AbortController();
  private readonly open = new Map<number, OpenEvent>();
  private cursor = 0;
  private saved: Checkpoint | undefined;
  private savedAt = 0;
  private endRest: () => void = () => undefined;
  private waking: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private finished: Promise<void> | undefined;

  constructor(private readonly options: CatchUpOptions) {}

  start(): void {
    this.running ??= this.run();
  }

  /**
   * Stops handing on, and keeps the checkpoint when `finished` resolves. Events that are being handled even then stay open
   * in it.
   */
  async stop(finished: Promise<void>): Promise<void> {
    this.finished = finished;
    this.stopping.abort();
    this.endRest();
    await this.running;
    clearTimeout(this.waking);
  }

  private get stopped(): boolean {
    return this.stopping.signal.aborted;
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      try {
        const lock = await this.options.locks.tryLock(`catch-up:${this.options.name}`);
        if (lock) await this.lead(lock);
      } catch (error) {
        this.options.log.warn({ err: error }, 'catch-up from the log was interrupted; starting it again');
      }
      await this.rest(STAND_BY_MS);
    }
  }

  private async lead(lock: SessionLock): Promise<void> {
    try {
      await this.load();
      while (!this.stopped && lock.held) {
        const read = await this.read();
        this.handOn();
        await this.saveNowAndThen();
        if (read < PAGE) await this.rest(this.options.hooks.isAlone() ? HURRIED_MS : IDLE_MS);
      }
      await this.finished;
      if (lock.held) await this.save();
    } finally {
      this.open.clear();
      lock.release();
    }
  }

  private async load(): Promise<void> {
    const { checkpoints, name, store, firstStart, types } = this.options;
    this.open.clear();
    this.saved = await checkpoints.load(name);
    const first = firstStart === 'end' ? await store.lastSeq() : 0;
    const { seq: cursor, open } = this.saved ?? { seq: first, open: [] };
    this.cursor = cursor;
    for (const seq of open) {
      const [head] = await store.readHeads({ afterSeq: seq - 1, limit: 1, types });
      if (head?.seq === seq) this.add(head);
    }
  }

  /** Reads on; answers how many events there were. */
  private async read(): Promise<number> {
    const { store, types, metrics } = this.options;
    if (this.open.size >= MAX_OPEN) return 0;
    const last = await store.lastSeq();
    metrics.lag(last - this.cursor, this.open.size);
    if (last <= this.cursor) return 0;
    const heads = await store.readHeads({ afterSeq: this.cursor, limit: PAGE, types });
    for (const each of heads) {
      this.add(each);
      this.cursor = Math.max(this.cursor, each.seq);
    }
    // A short page means that nothing else up to the last one is of these types.
    if (heads.length < PAGE) this.cursor = Math.max(this.cursor, last);
    return heads.length;
  }

  private add(head: EventHead): void {
    if (this.options.hooks.isDone(head)) return;
    this.open.set(head.seq, {
      head,
      recordedAt: Date.parse(head.recordedAt),
      seenAt: performance.now(),
      notBefore: 0,
      running: false,
    });
  }

  private handOn(): void {
    const { hooks, types } = this.options;
    const now = performance.now();
    const full = new Set<string>();
    for (const [seq, open] of this.open) {
      if (full.size === types.length) return;
      const { head, running } = open;
      if (running || full.has(head.type)) continue;
      if (hooks.isDone(head)) this.open.delete(seq);
      else if (!hooks.hasRoom(head.type)) full.add(head.type);
      else if (this.isDue(open, now)) this.hand(seq, open);
    }
  }

  private isDue({ head, recordedAt, seenAt, notBefore }: OpenEvent, now: number): boolean {
    return notBefore <= now && seenAt + this.options.hooks.graceMs(head.type, recordedAt) <= now;
  }

  private hand(seq: number, open: OpenEvent): void {
    open.running = true;
    void this.handle(open.head).then((outcome) => {
      open.running = false;
      if ('afterMs' in outcome) open.notBefore = performance.now() + outcome.afterMs;
      else if (this.open.get(seq) === open) this.open.delete(seq);
      // Of use only where something waits for a place.
      if (this.open.size > 0 && !this.stopped) this.wake();
    });
  }

  /** Hands on one event, which is read only now: few are ever handed on from here. */
  private async handle({ seq, type }: EventHead): Promise<Outcome> {
    const { store, hooks } = this.options;
    try {
      const [event] = await store.readLog({ afterSeq: seq - 1, limit: 1, types: [type] });
      if (event?.seq === seq) return await hooks.handle(event);
    } catch (error) {
      this.options.log.warn({ err: error, seq, type }, 'an event could not be read; trying again');
    }
    return { kind: 'retry', afterMs: READ_AGAIN_MS };
  }

  private async saveNowAndThen(): Promise<void> {
    if (performance.now() - this.savedAt >= SAVE_EVERY_MS) await this.save();
  }

  private async save(): Promise<void> {
    this.savedAt = performance.now();
    const next = this.position();
    if (this.saved && next.seq === this.saved.seq && sameNumbers(next.open, this.saved.open)) return;
    const stored = await this.options.checkpoints.save(this.options.name, this.saved?.seq ?? null, next);
    if (!stored) throw new Error('another process has moved the checkpoint');
    this.saved = next;
  }

  private position(): Checkpoint {
    for (const [seq, { head }] of this.open) if (this.options.hooks.isDone(head)) this.open.delete(seq);
    return { seq: this.cursor, open: [...this.open.keys()] };
  }

  private rest(milliseconds: number): Promise<void> {
    if (this.stopped) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.endRest = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** There may be room for more: looked at once for all that ended within a few milliseconds. */
  private wake(): void {
    this.waking ??= setTimeout(() => {
      this.waking = undefined;
      this.endRest();
    }, WAKE_AFTER_MS);
  }
}

function sameNumbers(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((number, index) => number === b[index]);
}
