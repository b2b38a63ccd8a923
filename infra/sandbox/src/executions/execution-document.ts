import type { StepError } from '../engine/run-plan.js';
import type { RunState } from '../scheduler/run-records.js';

/** An execution as the gateway's clients see it. Times are UTC, ISO 8601. */
export interface ExecutionDocument {
  readonly dag_id: string;
  readonly workflow: string;
  /** null for a planner whose name carries no version. */
  readonly version: string | null;
  readonly planner: string;
  readonly state: RunState;
  readonly started_on: string | null;
  readonly completed_on: string | null;
  readonly error: StepError | null;
  readonly output: unknown;
  /** In execution order; empty until planned. */
  readonly jobs: readonly JobDocument[];
}

export interface JobDocument {
  readonly id: string;
  readonly name: string;
  /** The task id in the plan; `id` is the one of this run. */
  readonly task_id: string;
  /** `cancelled` when the job's path was not taken, or when the execution failed before its turn. */
  readonly state: RunState;
  readonly job_level: number;
  readonly error?: StepError;
}

/** What names an execution, apart from the plan it runs. */
export interface ExecutionIdentity {
  readonly dagId: string;
  readonly schema: string | null;
  readonly workflow: string;
  readonly version: string | null;
  readonly planner: string;
}

/** The immutable name under which a version's workflow is registered. */
export function plannerName(workflow: string, version: string): string {
  return `${workflow}--${version}`;
}

/** Workflow and version of a planner; a name of another form is the workflow's, with no version. */
export function readPlannerName(planner: string): { readonly workflow: string; readonly version: string | null } {
  const match = /^(.{1,200}?)--(v?\d{1,9}\.\d{1,9}\.\d{1,9}(?:[-+].{1,200})?)$/.exec(planner);
  return { workflow: match?.[1] ?? planner, version: match?.[2] ?? null };
}
