import { setTimeout as pause } from 'node:timers/promises';
import { escapeIdentifier, type Pool, type PoolClient } from 'pg';
import type { RecordedEvent } from '@m3/contracts';
import { projections } from './catalogue.js';
import { TableWriter, type BatchWriter } from './table-writer.js';

/** Where the projector gets the log from: sealed events after a point, in order of `seq`, in batches. */
export interface LogSource {
  follow(afterSeq: number, signal: AbortSignal): AsyncIterable<readonly RecordedEvent[]>;
}

export interface ProjectorOptions {
  readonly pool: Pool;
  readonly log: LogSource;
  /** Schema of the read models. */
  readonly schema: string;
  /** Told about faults; the projector starts again from its checkpoint by itself. */
  readonly onError?: (error: unknown) => void;
  /** How often a replica that does not project tries to take over; default 500 ms. */
  readonly standbyMs?: number;
}

/** Somebody else has moved the checkpoint: this batch was rolled back, and the lock is not what it was believed to be. */
export class CheckpointMovedError extends Error {
  readonly code = 'checkpoint_moved';
  constructor(readonly expectedSeq: number) {
    super(`the checkpoint of the read models is no longer at ${expectedSeq}`);
  }
}

const CHECKPOINT = 'read_models';
/**
 * A batch costs about the same with one event as with fifty, and writes each row once for all of its events: so the projector
 * rests after each, for a while and for nine times as long as it took, which leaves a busy machine to the publishes. An event
 * that comes after a quiet moment does not wait.
 */
const REST_MS = { least: 80, most: 400, timesWork: 9 };
/** Whoever is behind does not rest. */
const LARGE_BATCH = 450;

/**
 * Projects the log into the read models. Any number of gateways may run one: an advisory lock makes one of them the one
 * that projects, and the checkpoint, moved by compare-and-set in the transaction of each batch, keeps every other out even
 * if that lock was lost unnoticed.
 */
export class Projector {
  private readonly stopping = new AbortController();
  private readonly writers: readonly BatchWriter[];
  private readonly checkpointTable: string;
  private running: Promise<void> | null = null;
  private leading = false;

  constructor(private readonly options: ProjectorOptions) {
    this.writers = batchWriters(options.schema);
    this.checkpointTable = `${escapeIdentifier(options.schema)}.checkpoint`;
  }

  /** True while this process is the one that projects. */
  get isLeader(): boolean {
    return this.leading;
  }

  start(): void {
    this.running ??= this.run();
  }

  /** Resolves when the batch at work is done and the connection is given back. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await this.session().catch((error: unknown) => this.options.onError?.(error));
      this.leading = false;
      await pause(this.options.standbyMs ?? 500, undefined, { signal }).catch(() => undefined);
    }
  }

  private async session(): Promise<void> {
    const client = await this.options.pool.connect();
    // Without a listener, a connection that breaks between two batches would end the process.
    client.on('error', (error) => this.options.onError?.(error));
    try {
      if (await this.lock(client)) await this.lead(client);
    } finally {
      // Closing the connection gives back the lock, whatever state it is in.
      client.release(true);
    }
  }

  private async lock(client: PoolClient): Promise<boolean> {
    const { rows } = await client.query<{ got: boolean }>(
      `SELECT pg_try_advisory_lock(hashtextextended($1, 7303)) AS got`,
      [`projector of ${this.options.schema}`],
    );
    return rows[0]?.got === true;
  }

  private async lead(client: PoolClient): Promise<void> {
    // A crash may lose the last batches, each together with its checkpoint: they are projected again.
    await client.query('SET synchronous_commit = off');
    this.forget();
    let seq = await this.checkpoint(client);
    this.leading = true;
    for await (const batch of this.options.log.follow(seq, this.stopping.signal)) {
      const last = batch.at(-1)?.seq;
      if (last == null) continue;
      const began = performance.now();
      await this.applyBatch(client, batch, { from: seq, to: last });
      seq = last;
      if (batch.length < LARGE_BATCH) await this.rest(performance.now() - began);
    }
  }

  private async rest(workMs: number): Promise<void> {
    const { least, most, timesWork } = REST_MS;
    const restMs = Math.min(Math.max(least, workMs * timesWork), most);
    await pause(restMs, undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }

  private async checkpoint(client: PoolClient): Promise<number> {
    await client.query(`INSERT INTO ${this.checkpointTable} (name, seq) VALUES ($1, 0) ON CONFLICT DO NOTHING`, [
      CHECKPOINT,
    ]);
    const { rows } = await client.query<{ seq: string }>(`SELECT seq FROM ${this.checkpointTable} WHERE name = $1`, [
      CHECKPOINT,
    ]);
    return Number(rows[0]?.seq ?? 0);
  }

  private async applyBatch(
    client: PoolClient,
    batch: readonly RecordedEvent[],
    move: { readonly from: number; readonly to: number },
  ): Promise<void> {
    try {
      await client.query('BEGIN');
      for (const writer of this.writers) await writer.apply(client, batch);
      const { rowCount } = await client.query({
        name: 'move_checkpoint',
        text: `UPDATE ${this.checkpointTable} SET seq = $3 WHERE name = $1 AND seq = $2`,
        values: [CHECKPOINT, move.from, move.to],
      });
      if (rowCount !== 1) throw new CheckpointMovedError(move.from);
      await client.query('COMMIT');
    } catch (error) {
      this.forget();
      throw error;
    }
  }

  private forget(): void {
    for (const writer of this.writers) writer.forget();
  }
}

function batchWriters(schema: string): readonly BatchWriter[] {
  return [
    new TableWriter(projections.targets, schema),
    new TableWriter(projections.versions, schema),
    new TableWriter(projections.publishes, schema),
    new TableWriter(projections.approvals, schema),
    new TableWriter(projections.backups, schema),
    new TableWriter(projections.verifications, schema),
    new TableWriter(projections.notifications, schema),
    new TableWriter(projections.deadLetters, schema),
    new TableWriter(projections.freezes, schema),
    new TableWriter(projections.occurrences, schema),
    new TableWriter(projections.emergencies, schema),
    new TableWriter(projections.reviews, schema),
    new TableWriter(projections.activations, schema),
  ];
}
