import { join } from 'node:path';
import { prepareDatabase } from '@m3/database';
import { createDatabase, startPostgres } from '@m3/local-servers';
import pg from 'pg';
import type { BenchmarkRun } from '../benchmark.js';
import type { Measurement } from '../report.js';
import { count } from '../report.js';
import { median } from '../statistics.js';
import { appendsPerSecond, type AppendingStore } from './appending-store.js';
import { openEmmettStore } from './emmett-store.js';
import { openOwnStore, type OwnStore } from './own-store.js';
import { bareReadsPerSecond, logReadsPerSecond } from './read-speed.js';

const WRITERS = 16;
const EVENTS_PER_STREAM = 20;

/** Appends against Emmett's store and reads against a bare SELECT, all on one PostgreSQL server that waits for the disk. */
export async function benchmarkStore({ folder, short, say }: BenchmarkRun): Promise<readonly Measurement[]> {
  const server = await startPostgres({ dataDir: join(folder, 'store-postgres'), durability: 'safe' });
  try {
    const adminUrl = await createDatabase(server.url, 'm3');
    const urls = await prepareDatabase(adminUrl, () => 'bench');
    const own = openOwnStore(urls.deployer);
    const emmett = await openEmmettStore(await createDatabase(server.url, 'emmett'), WRITERS);
    const appends = await compareAppends(own, emmett, {
      rounds: short ? 3 : 7,
      durationMs: short ? 1_500 : 4_000,
      say,
    });
    await emmett.close();
    const reads = await compareReads(own, urls.deployer, { rounds: short ? 3 : 7, say });
    await own.close();
    return [appends, reads];
  } finally {
    await server.stop();
  }
}

interface Rounds {
  readonly rounds: number;
  readonly say: (line: string) => void;
}

async function compareAppends(
  own: AppendingStore,
  emmett: AppendingStore,
  { rounds, durationMs, say }: Rounds & { readonly durationMs: number },
): Promise<Measurement> {
  const rates = new Map<AppendingStore, number[]>([
    [own, []],
    [emmett, []],
  ]);
  for (let round = 0; round <= rounds; round += 1) {
    for (const [store, values] of rates) {
      const load = { writers: WRITERS, eventsPerStream: EVENTS_PER_STREAM, durationMs, round: String(round) };
      const rate = await appendsPerSecond(store, load);
      if (round > 0) values.push(rate);
      say(`  appends  ${round === 0 ? 'warm-up' : `round ${round}`}  ${store.name} ${count(rate)}/s`);
    }
  }
  const [ours, theirs] = [median(rates.get(own) ?? []), median(rates.get(emmett) ?? [])];
  return {
    what: `one-event appends with expected version, ${WRITERS} writers`,
    ours: `${count(ours)}/s`,
    against: `Emmett ${count(theirs)}/s`,
    value: ours / theirs,
    unit: '×',
    goal: { kind: 'at_least', value: 3 },
  };
}

async function compareReads(own: OwnStore, databaseUrl: string, { rounds, say }: Rounds): Promise<Measurement> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 });
  pool.on('error', () => undefined);
  await own.sealed();
  const log: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const rates = [await logReadsPerSecond(own.events), await bareReadsPerSecond(pool)] as const;
    if (round > 0) {
      log.push(rates[0]);
      bare.push(rates[1]);
    }
    say(`  reads  ${round === 0 ? 'warm-up' : `round ${round}`}  M3 ${count(rates[0])}/s  SELECT ${count(rates[1])}/s`);
  }
  await pool.end();
  return {
    what: 'reading the log in pages of 1,000',
    ours: `${count(median(log))}/s`,
    against: `bare SELECT ${count(median(bare))}/s`,
    value: median(log) / median(bare),
    unit: '×',
    goal: { kind: 'at_least', value: 0.7 },
  };
}
