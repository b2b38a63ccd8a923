import type { Pool } from 'pg';
import { GroupWriter } from './group-writer.js';

/** States of Marie's dags and jobs that the sandbox uses. */
export type RunState = 'created' | 'active' | 'completed' | 'failed' | 'cancelled';

/** A run as it is entered in `dag`. `serialized_dag` is JSON text. */
export interface NewDag {
  readonly id: string;
  readonly name: string;
  readonly state: RunState;
  readonly planner: string;
  readonly serializedDag: string;
  readonly startedOn: Date | null;
}

/** `data` is JSON text; `dependencies` are ids of jobs. */
export interface NewJob {
  readonly id: string;
  readonly name: string;
  readonly level: number;
  readonly dependencies: readonly string[];
  readonly data: string;
}

/** What has changed since the last write. */
export interface RunChange {
  readonly dag: {
    readonly id: string;
    readonly state: RunState;
    readonly completedOn: Date | null;
    readonly error: unknown;
  };
  readonly jobs: readonly JobChange[];
}

export interface JobChange {
  readonly id: string;
  readonly state: RunState;
  readonly output: unknown;
  readonly startedOn: Date | null;
  readonly completedOn: Date | null;
}

/** Parts of the one JSON document that a statement carries, as texts: plans are serialised once, not again for each run. */
interface Rows {
  readonly dag: string;
  readonly jobs: readonly string[];
}

const ENTER = `
with given as materialized (select $1::jsonb as rows),
entered as (
  insert into marie_scheduler.dag (id, name, state, serialized_dag, planner, started_on)
    select d.* from given, jsonb_to_recordset(rows -> 'dags')
      as d(id uuid, name text, state text, serialized_dag jsonb, planner text, started_on timestamptz)
    on conflict (id) do update
      set state = excluded.state, serialized_dag = excluded.serialized_dag, started_on = excluded.started_on
)
insert into marie_scheduler.job (id, name, state, dependencies, dag_id, job_level, data)
  select j.* from given, jsonb_to_recordset(rows -> 'jobs')
    as j(id uuid, name text, state text, dependencies jsonb, dag_id uuid, job_level integer, data jsonb)`;

const CHANGE = `
with given as materialized (select $1::jsonb as rows),
changed as (
  update marie_scheduler.dag as dag
    set state = d.state, completed_on = d.completed_on,
        serialized_dag = case when d.error is null then dag.serialized_dag
          else dag.serialized_dag || jsonb_build_object('error', d.error) end
    from given, jsonb_to_recordset(rows -> 'dags')
      as d(id uuid, state text, completed_on timestamptz, error jsonb)
    where dag.id = d.id
)
update marie_scheduler.job as job
  set state = j.state, output = j.output, started_on = j.started_on, completed_on = j.completed_on
  from given, jsonb_to_recordset(rows -> 'jobs')
    as j(id uuid, state text, output jsonb, started_on timestamptz, completed_on timestamptz)
  where job.id = j.id`;

/** Writes runs to `marie_scheduler`: a run with all its jobs in one statement, together with other runs of the moment. */
export class RunRecords {
  private readonly entering: GroupWriter<Rows>;
  private readonly changing: GroupWriter<Rows>;

  constructor(pool: Pool) {
    const writer = (name: string, text: string) =>
      new GroupWriter<Rows>(async (items) => {
        await pool.query({ name, text, values: [documentOf(items)] });
      });
    this.entering = writer('sandbox-enter-runs', ENTER);
    this.changing = writer('sandbox-change-runs', CHANGE);
  }

  /** Enters a run and its jobs (as `created`). A run that is there already, without jobs, is brought up to date. */
  enter(dag: NewDag, jobs: readonly NewJob[]): Promise<void> {
    const { id, name, state, planner, startedOn } = dag;
    const row = JSON.stringify({ id, name, state, planner, started_on: startedOn });
    return this.entering.add({
      dag: withJson(row, 'serialized_dag', dag.serializedDag),
      jobs: jobs.map((job) => jobRow(dag.id, job)),
    });
  }

  change({ dag, jobs }: RunChange): Promise<void> {
    const { id, state, completedOn, error } = dag;
    return this.changing.add({
      dag: JSON.stringify({ id, state, completed_on: completedOn, error }),
      jobs: jobs.map((job) =>
        JSON.stringify({
          id: job.id,
          state: job.state,
          output: job.output,
          started_on: job.startedOn,
          completed_on: job.completedOn,
        }),
      ),
    });
  }
}

function jobRow(dagId: string, { id, name, level, dependencies, data }: NewJob): string {
  const row = JSON.stringify({ id, name, state: 'created', dependencies, dag_id: dagId, job_level: level });
  return withJson(row, 'data', data);
}

/** Adds a member whose value is JSON text already to an object that is JSON text. */
function withJson(object: string, name: string, json: string): string {
  return `${object.slice(0, -1)},"${name}":${json}}`;
}

function documentOf(items: readonly Rows[]): string {
  const dags = items.map((item) => item.dag).join(',');
  const jobs = items.flatMap((item) => item.jobs).join(',');
  return `{"dags":[${dags}],"jobs":[${jobs}]}`;
}
