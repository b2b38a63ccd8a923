import type { Pool } from 'pg';

/** How far a reader of the log has come: all up to `seq` is done, but for the few in `open`. */
export interface Checkpoint {
  readonly seq: number;
  /** `seq`s at or below `seq` that are not done yet. */
  readonly open: readonly number[];
}

/** Where readers of the log remember how far they have come. */
export interface Checkpoints {
  load(name: string): Promise<Checkpoint | undefined>;
  /**
   * Stores `next` if the stored `seq` is still `expectedSeq` (null: nothing is stored yet). False: somebody else has moved
   * it, so the caller is not the only reader of that name and has to load again.
   */
  save(name: string, expectedSeq: number | null, next: Checkpoint): Promise<boolean>;
}

/** Table `messaging.checkpoint`. */
export class PostgresCheckpoints implements Checkpoints {
  constructor(private readonly pool: Pick<Pool, 'query'>) {}

  async load(name: string): Promise<Checkpoint | undefined> {
    const { rows } = await this.pool.query<{ seq: string; open_seqs: string[] }>(
      'SELECT seq, open_seqs FROM messaging.checkpoint WHERE name = $1',
      [name],
    );
    const [row] = rows;
    return row && { seq: Number(row.seq), open: row.open_seqs.map(Number) };
  }

  async save(name: string, expectedSeq: number | null, next: Checkpoint): Promise<boolean> {
    const open = [...next.open];
    const { rowCount } =
      expectedSeq === null
        ? await this.pool.query(
            'INSERT INTO messaging.checkpoint (name, seq, open_seqs) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
            [name, next.seq, open],
          )
        : await this.pool.query(
            'UPDATE messaging.checkpoint SET seq = $2, open_seqs = $3, moved_at = now() WHERE name = $1 AND seq = $4',
            [name, next.seq, open, expectedSeq],
          );
    return rowCount === 1;
  }
}

/** For tests, and for stores that live as long as the process. */
export class MemoryCheckpoints implements Checkpoints {
  private readonly stored = new Map<string, Checkpoint>();

  load(name: string): Promise<Checkpoint | undefined> {
    return Promise.resolve(this.stored.get(name));
  }

  save(name: string, expectedSeq: number | null, next: Checkpoint): Promise<boolean> {
    const matches = (this.stored.get(name)?.seq ?? null) === expectedSeq;
    if (matches) this.stored.set(name, next);
    return Promise.resolve(matches);
  }
}
