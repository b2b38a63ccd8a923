import type { Pool } from 'pg';

/** How far the sealer is behind; for metrics and health. */
export interface SealStatus {
  readonly lastSeq: number;
  /** Committed events without `seq`. */
  readonly unsealed: number;
  /** Age of the oldest of them; 0 when there is none. */
  readonly oldestUnsealedMs: number;
  /** Age of the oldest open transaction that has written, in the whole cluster: it holds the sealer up. */
  readonly oldestTransactionMs: number;
}

export async function sealStatus(pool: Pool): Promise<SealStatus> {
  const { rows } = await pool.query<Record<string, string>>('SELECT * FROM event_store.seal_status()');
  const [row = {}] = rows;
  return {
    lastSeq: Number(row['last_seq']),
    unsealed: Number(row['unsealed']),
    oldestUnsealedMs: Number(row['oldest_unsealed_ms']),
    oldestTransactionMs: Number(row['oldest_transaction_ms']),
  };
}
