import pg from 'pg';
import type { CallOptions } from '../deadline.js';
import { TargetUnreachableError } from '../errors.js';
import { ErrorAnswer } from './answers.js';
import type { RunReport, WorkflowJob } from './workflow-run.js';
import { utc } from '../database/read-functions.js';
import type { TargetDatabase } from '../database/target-database.js';

interface RunRow {
  readonly state: string;
  readonly started_on: string | null;
  readonly completed_on: string | null;
  readonly error: unknown;
  readonly jobs: readonly ScheduledJob[];
}

type ScheduledJob = WorkflowJob & { readonly output: unknown; readonly dependencies: unknown };

/** SQLSTATEs of a database in which no Marie has ever scheduled anything. */
const NO_SCHEDULER = ['42P01', '3F000'];

/**
 * A run as Marie's own tables tell of it; null while it is not planned yet. One round trip.
 * @throws TargetUnreachableError (`unexpected_answer`) when Marie does not keep its tables in this database
 */
export async function readScheduledRun(
  database: TargetDatabase,
  { dagId, version }: { readonly dagId: string; readonly version: string },
  call: CallOptions,
): Promise<RunReport | null> {
  const row = await selectRun(database, dagId, call);
  if (row === undefined) return null;
  const jobs = row.jobs.map(({ output: _output, dependencies: _dependencies, ...job }) => job);
  const failure = { error: row.error };
  const error = ErrorAnswer.Check(failure) ? failure.error : null;
  return { ...row, dag_id: dagId, version, jobs, output: outputOf(row.jobs), error };
}

async function selectRun(database: TargetDatabase, dagId: string, call: CallOptions): Promise<RunRow | undefined> {
  try {
    return await database.row<RunRow>(
      `select dag.state, ${utc('dag.started_on')} as started_on, ${utc('dag.completed_on')} as completed_on,
         to_jsonb(dag.serialized_dag) -> 'error' as error,
         (select coalesce(json_agg(json_build_object('id', job.id, 'name', job.name, 'task_id', null, 'state', job.state,
              'job_level', job.job_level, 'output', to_jsonb(job) -> 'output',
              'dependencies', to_jsonb(job) -> 'dependencies') order by job.job_level, job.name, job.id), '[]')
          from marie_scheduler.job where job.dag_id = dag.id) as jobs
       from marie_scheduler.dag where dag.id = $1`,
      [dagId],
      { ...call, expected: NO_SCHEDULER },
    );
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    const { name, host, port } = database.description;
    const sentence = `The database ${name} on ${host}:${port} has no tables of Marie's scheduler, so runs cannot be followed.`;
    throw new TargetUnreachableError('database', 'unexpected_answer', sentence);
  }
}

/** What the jobs put out that no other depends on, in one, where this release of Marie keeps outputs. */
function outputOf(jobs: readonly ScheduledJob[]): unknown {
  const continued = new Set(jobs.flatMap(({ dependencies }) => listed(dependencies)));
  const last = jobs.filter(({ id, output }) => !continued.has(id) && output !== null).map(({ output }) => output);
  return last.length > 0 && last.every(isObject)
    ? Object.fromEntries(last.flatMap(Object.entries))
    : (last.at(-1) ?? null);
}

const listed = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
