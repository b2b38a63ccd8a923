import type { Health, ProbeFault, TargetHealth, TargetProbe } from '@m3/contracts';
import type { Pool } from 'pg';
import { healthAfter, type HealthRecord } from '../../domain/health.js';

/** Probes that are kept for each target. */
const keptProbes = 100;

/** Whether and how often a target is to be probed. */
export interface ProbePlan {
  readonly target_id: string;
  readonly interval_seconds: number;
  readonly enabled: boolean;
}

interface ProbeRow extends HealthRecord {
  readonly reported: Health;
}

interface ResultRow {
  readonly at: Date;
  readonly gateway_latency_ms: number | null;
  readonly database_latency_ms: number | null;
  readonly faults: ProbeFault[];
}

/** The service's own tables of probes: what is due, and what was found. Shared by all replicas. */
export class HealthTable {
  constructor(private readonly pool: Pool) {}

  /** Takes in how targets are to be probed. New ones are spread over their interval (a minute at most). */
  async plan(plans: readonly ProbePlan[], now: Date): Promise<void> {
    if (plans.length === 0) return;
    await this.pool.query(plan, [
      plans.map(({ target_id }) => target_id),
      plans.map(({ interval_seconds }) => interval_seconds),
      plans.map(({ enabled }) => enabled),
      now.toISOString(),
    ]);
  }

  /** Targets whose probe is due, at most so many; each is taken by one replica, and is due again after its interval. */
  async takeDue(limit: number, now: Date): Promise<readonly string[]> {
    const { rows } = await this.pool.query<{ target_id: string }>(takeDue, [now.toISOString(), limit]);
    return rows.map(({ target_id }) => target_id);
  }

  /** Keeps what a probe found. Answers the target's health if the log does not say the same yet; null: it does. */
  async record(targetId: string, probe: TargetProbe): Promise<Health | null> {
    const client = await this.pool.connect();
    try {
      await client.query('begin');
      await client.query(ensureRow, [targetId]);
      const { rows } = await client.query<ProbeRow>(lockRow, [targetId]);
      const row = rows[0] ?? { failures: 0, status: null, reported: 'healthy' };
      const { failures, status } = healthAfter(row, probe);
      await client.query(saveRow, [targetId, failures, status]);
      const { at, gateway_latency_ms, database_latency_ms, faults } = probe;
      const found = [gateway_latency_ms, database_latency_ms, JSON.stringify(faults)];
      await client.query(saveResult, [targetId, at, ...found]);
      await client.query(dropOldResults, [targetId, keptProbes]);
      await client.query('commit');
      return status === null || status === row.reported ? null : status;
    } catch (error) {
      await client.query('rollback').catch(() => undefined);
      throw error;
    } finally {
      client.release();
    }
  }

  /** Notes what the log says now. */
  async reported(targetId: string, health: Health): Promise<void> {
    await this.pool.query('update targets.health_probe set reported = $2 where target_id = $1', [targetId, health]);
  }

  /** Status and probes of a target, newest first; null for one that is not planned yet. */
  async read(targetId: string): Promise<TargetHealth | null> {
    const probes = await this.pool.query<ResultRow>(readResults, [targetId]);
    const { rows } = await this.pool.query<{ status: Health | null; interval_seconds: number; due_at: Date | null }>(
      'select status, interval_seconds, due_at from targets.health_probe where target_id = $1',
      [targetId],
    );
    const [row] = rows;
    if (row === undefined) return null;
    return {
      target_id: targetId,
      status: row.status ?? 'unknown',
      interval_seconds: row.interval_seconds,
      next_probe_at: row.due_at?.toISOString() ?? null,
      probes: probes.rows.map(({ at, ...found }) => ({
        at: at.toISOString(),
        healthy: found.faults.length === 0,
        ...found,
      })),
    };
  }
}

const plan = `
  insert into targets.health_probe as p (target_id, interval_seconds, due_at)
  select t.id, t.seconds, case when t.enabled then
      $4::timestamptz + make_interval(secs => random() * least(t.seconds, 60)) end
  from unnest($1::text[], $2::int[], $3::boolean[]) as t (id, seconds, enabled)
  on conflict (target_id) do update set
    interval_seconds = excluded.interval_seconds,
    due_at = case when excluded.due_at is null then null else least(p.due_at, excluded.due_at) end
  where p.interval_seconds <> excluded.interval_seconds or (p.due_at is null) <> (excluded.due_at is null)`;

const takeDue = `
  update targets.health_probe set due_at = $1::timestamptz + make_interval(secs => interval_seconds)
  where target_id in (
    select target_id from targets.health_probe where due_at <= $1 order by due_at limit $2 for update skip locked
  )
  returning target_id`;

const ensureRow = `
  insert into targets.health_probe (target_id, interval_seconds) values ($1, 60) on conflict (target_id) do nothing`;
const lockRow = 'select failures, status, reported from targets.health_probe where target_id = $1 for update';
const saveRow = 'update targets.health_probe set failures = $2, status = $3 where target_id = $1';
const saveResult = `
  insert into targets.health_result (target_id, at, gateway_latency_ms, database_latency_ms, faults)
  values ($1, $2, $3, $4, $5)`;
const dropOldResults = `
  delete from targets.health_result where target_id = $1 and id <= (
    select id from targets.health_result where target_id = $1 order by id desc offset $2 limit 1
  )`;
const readResults = `
  select at, gateway_latency_ms, database_latency_ms, faults from targets.health_result
  where target_id = $1 order by id desc`;
