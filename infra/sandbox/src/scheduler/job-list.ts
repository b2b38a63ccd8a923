import type { Pool } from 'pg';

const STATES = ['created', 'retry', 'active', 'completed', 'expired', 'cancelled', 'failed'];
const NEWEST_RUNS = 1_000;
const MOST_JOBS = 500;

/** The jobs of the newest runs. */
export class JobList {
  constructor(private readonly pool: Pool) {}

  /** Whether Marie has such a state. */
  isState(state: string): boolean {
    return STATES.includes(state);
  }

  /** At most 500 jobs of the newest 1,000 runs, the newest runs first; in one state, if one is given. */
  async list(state: string | null = null): Promise<readonly unknown[]> {
    const { rows } = await this.pool.query<Record<string, unknown>>(
      `select job.id, job.name, job.state, job.dependencies, job.dag_id, job.job_level, job.started_on, job.completed_on
         from (select id, created_on from marie_scheduler.dag order by created_on desc limit ${NEWEST_RUNS}) dag
         join marie_scheduler.job on job.dag_id = dag.id
        where $1::text is null or job.state = $1
        order by dag.created_on desc, job.job_level limit ${MOST_JOBS}`,
      [state],
    );
    return rows;
  }
}
