import type { Actor, NewEvent, RecordedEvent } from '@m3/contracts';

/** One stream's part of an append. No events: the stream's version is only checked, for decisions that also read it. */
export interface StreamWrite {
  /** `<category>-<id>`; the category is the text before the first hyphen. */
  readonly stream: string;
  /** The version that the decision was made on: 0 for a stream that must not exist yet. */
  readonly expectedVersion: number;
  readonly events: readonly NewEvent[];
}

/** Metadata that the caller gives; the rest is derived. */
export interface AppendContext {
  readonly actor: Actor;
  readonly correlationId: string;
  readonly causationId: string | null;
  readonly traceparent?: string;
  /** ISO 8601, from the caller's clock. */
  readonly occurredAt: string;
}

export interface VersionConflict {
  readonly stream: string;
  readonly expectedVersion: number;
  readonly actualVersion: number;
}

/** All writes of an append happen, or none. A conflict is a value: load again and decide again. */
export type AppendResult =
  | { readonly outcome: 'appended'; readonly events: readonly RecordedEvent[] }
  | { readonly outcome: 'conflict'; readonly conflict: VersionConflict };

export interface ReadLog {
  /** Exclusive: events with `seq` greater than this, in order of `seq`. */
  readonly afterSeq: number;
  readonly limit: number;
  /** Only these event types; absent: all. `seq` then has gaps in the answer, never in the log. */
  readonly types?: readonly string[];
}

/** The little of an event that tells whether a reader has to read it. */
export interface EventHead {
  readonly seq: number;
  readonly type: string;
  readonly eventId: string;
  readonly recordedAt: string;
}

/** The append-only log (design section 2). Faults of the server throw; they mean *unknown*, not "not appended". */
export interface EventStore {
  append(writes: readonly StreamWrite[], context: AppendContext): Promise<AppendResult>;
  /** The stream's events in order, from `afterVersion` (exclusive, default 0). Unsealed events are included. */
  readStream(stream: string, afterVersion?: number): Promise<readonly RecordedEvent[]>;
  /** Sealed events in dense global order. */
  readLog(read: ReadLog): Promise<readonly RecordedEvent[]>;
  /** The same events, but only their heads. */
  readHeads(read: Required<ReadLog>): Promise<readonly EventHead[]>;
  /** The highest sealed `seq`; 0 for an empty log. */
  lastSeq(): Promise<number>;
}
