/** A run of one workflow. It succeeded exactly when `error` is null. */
export interface WorkflowRun {
  /**
   * `refused`: the gateway did not start it. `timed_out`: it had not ended in time and may still be running.
   * `unknown`: the gateway reports a state that is not known here.
   */
  readonly state: 'completed' | 'failed' | 'cancelled' | 'expired' | 'refused' | 'timed_out' | 'unknown';
  /** Work was really done: a "completed" run without jobs did not run. */
  readonly ran: boolean;
  readonly dag_id: string | null;
  /** The version that it ran on, where known. */
  readonly version: string | null;
  readonly jobs: readonly WorkflowJob[];
  readonly output: unknown;
  readonly error: RunError | null;
  /** Milliseconds: as the gateway recorded them, else as they passed here. */
  readonly duration_ms: number;
}

export interface WorkflowJob {
  readonly id: string;
  readonly name: string;
  /** The node of the plan; null where the gateway does not tell. */
  readonly task_id: string | null;
  readonly state: string;
  readonly job_level: number | null;
}

/**
 * `code`: `workflow_not_found`, `version_not_found`, `unauthorized` (token unknown), `forbidden` (token missing),
 * `invoke_failed`, `did_not_run`, `timed_out`, `no_active_release`, or one that the gateway gave.
 */
export interface RunError {
  readonly code: string;
  readonly message: string;
}

export interface WorkflowRunRequest {
  readonly workflow: string;
  /** Without it: the version that the routes choose, else the active one. */
  readonly version?: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** How long the run may take. Milliseconds from now. */
  readonly deadlineMs: number;
  /** Shown by Marie beside the run; needed only by gateways without the extension. */
  readonly projectId?: string;
}

/** A run of a version that is perhaps not deployed: the version is never chosen by the target. */
export type CandidateRunRequest = WorkflowRunRequest & { readonly version: string };

export function refusedRun(error: RunError, version: string | null = null): WorkflowRun {
  return { state: 'refused', ran: false, dag_id: null, version, jobs: [], output: null, error, duration_ms: 0 };
}

/** What a gateway (or its tables) says about a run. */
export interface RunReport {
  readonly dag_id: string;
  readonly version: string | null;
  readonly state: string;
  readonly jobs: readonly WorkflowJob[];
  readonly output: unknown;
  readonly error: RunError | null;
  readonly started_on?: string | null | undefined;
  readonly completed_on?: string | null | undefined;
}

/** A run that has ended, or one that was no longer waited for. */
export function concludedRun(report: RunReport, waitedMs: number): WorkflowRun {
  const { dag_id, version, jobs, output } = report;
  const state = finalState(report.state);
  const ran = jobs.length > 0;
  return {
    state,
    ran,
    dag_id,
    version,
    jobs,
    output,
    error: report.error ?? errorOf(state, ran, jobs),
    duration_ms: recordedMs(report) ?? waitedMs,
  };
}

const ENDED: ReadonlySet<string> = new Set(['completed', 'failed', 'cancelled', 'expired']);
const RUNNING: ReadonlySet<string> = new Set(['created', 'retry', 'active']);

export function hasEnded(report: { readonly state: string }): boolean {
  return !RUNNING.has(report.state);
}

function finalState(state: string): WorkflowRun['state'] {
  if (RUNNING.has(state)) return 'timed_out';
  switch (state) {
    case 'completed':
    case 'failed':
    case 'cancelled':
    case 'expired':
      return state;
    default:
      return 'unknown';
  }
}

function errorOf(state: WorkflowRun['state'], ran: boolean, jobs: readonly WorkflowJob[]): RunError | null {
  if (state === 'timed_out') return { code: 'timed_out', message: 'The run had not ended in time.' };
  if (state !== 'completed') return { code: state, message: `The run ended as ${state}${culprits(jobs)}.` };
  if (!ran)
    return { code: 'did_not_run', message: 'The gateway reports the run as completed, but no job of it ever ran.' };
  return null;
}

function culprits(jobs: readonly WorkflowJob[]): string {
  const names = jobs.filter(({ state }) => ENDED.has(state) && state !== 'completed').map(({ name }) => name);
  return names.length === 0 ? '' : `: ${names.join(', ')}`;
}

function recordedMs({ started_on, completed_on }: RunReport): number | null {
  if (!started_on || !completed_on) return null;
  const took = Date.parse(completed_on) - Date.parse(started_on);
  return Number.isNaN(took) || took < 0 ? null : took;
}
