import type { Pool } from 'pg';
import { objectIn, ownProperty, textIn } from '../engine/json.js';
import type { StepError } from '../engine/run-plan.js';
import type { RunState } from '../scheduler/run-records.js';
import type { ExecutionDocument, JobDocument } from './execution-document.js';

interface DagRow {
  readonly id: string;
  readonly name: string;
  readonly state: RunState;
  readonly planner: string;
  readonly version: string | null;
  readonly error: StepError | null;
  readonly started_on: Date | null;
  readonly completed_on: Date | null;
  readonly jobs: readonly JobRow[];
}

interface JobRow {
  readonly id: string;
  readonly name: string;
  readonly task_id: string;
  readonly state: RunState;
  readonly job_level: number;
  readonly output: unknown;
  readonly dependencies: readonly string[];
}

const READ = `
select id, name, state, planner, serialized_dag ->> 'version' as version, serialized_dag -> 'error' as error,
    started_on, completed_on,
    coalesce((
      select json_agg(json_build_object('id', job.id, 'name', job.name, 'state', job.state, 'job_level', job.job_level,
          'task_id', job.data ->> 'task_id', 'dependencies', job.dependencies, 'output', job.output)
        order by (job.data ->> 'rank')::integer)
      from marie_scheduler.job where job.dag_id = dag.id), '[]') as jobs
  from marie_scheduler.dag
  where id = $1 and coalesce(serialized_dag ->> 'schema', $2) = $2`;

/** An execution as the database has it: of this gateway's past, or of another gateway. */
export async function readExecution(pool: Pool, schema: string, dagId: string): Promise<ExecutionDocument | undefined> {
  const { rows } = await pool.query<DagRow>({ name: 'sandbox-read-execution', text: READ, values: [dagId, schema] });
  return rows[0] === undefined ? undefined : toDocument(rows[0]);
}

function toDocument(row: DagRow): ExecutionDocument {
  const jobs = row.jobs.map(toJob);
  return {
    dag_id: row.id,
    workflow: row.name,
    version: row.version,
    planner: row.planner,
    state: row.state,
    started_on: toIso(row.started_on),
    completed_on: toIso(row.completed_on),
    error: row.error ?? jobs.find((job) => job.error !== undefined)?.error ?? null,
    output: row.state === 'completed' ? outputOf(row.jobs) : null,
    jobs,
  };
}

function toIso(time: Date | null): string | null {
  return time === null ? null : time.toISOString();
}

function toJob({ id, name, task_id, state, job_level, output }: JobRow): JobDocument {
  const error = state === 'failed' ? objectIn(ownProperty(output, 'error')) : {};
  const code = textIn(error.code);
  const told = code === undefined ? {} : { error: { code, message: textIn(error.message) ?? '' } };
  return { id, name, task_id, state, job_level, ...told };
}

/** As the engine merges it: what the jobs put out that no other depends on, in execution order. */
function outputOf(jobs: readonly JobRow[]): unknown {
  const continued = new Set(jobs.flatMap((job) => job.dependencies));
  const merged = {};
  for (const job of jobs) if (!continued.has(job.id)) Object.assign(merged, job.output);
  return merged;
}
