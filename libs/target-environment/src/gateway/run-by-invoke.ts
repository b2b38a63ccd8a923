import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { plannerName } from '../manifest.js';
import { readReleaseState } from '../database/release-state.js';
import { readScheduledRun } from './scheduled-run.js';
import type { TargetDatabase } from '../database/target-database.js';
import type { CallOptions } from '../deadline.js';
import { expectShape, InvokeCheck, type Invoked } from './answers.js';
import type { GatewayClient } from './gateway-client.js';
import { saidBy, tokenError } from './run-by-extension.js';
import {
  concludedRun,
  hasEnded,
  refusedRun,
  type RunError,
  type RunReport,
  type WorkflowRun,
  type WorkflowRunRequest,
} from './workflow-run.js';

const FIRST_LOOK_MS = 20;
const LONGEST_PAUSE_MS = 500;

export interface PlainTarget {
  readonly gateway: GatewayClient;
  readonly database: TargetDatabase;
}

/**
 * A run on a gateway without the extension: submitted by its planner's name, then followed in Marie's own tables.
 * Planning is asynchronous, so the rows appear some time after the answer.
 */
export async function runByInvoke(
  { gateway, database }: PlainTarget,
  request: WorkflowRunRequest,
  call: CallOptions,
): Promise<WorkflowRun> {
  const started = performance.now();
  const elapsed = () => performance.now() - started;
  const version = request.version ?? (await readReleaseState(database, call)).active?.version;
  if (version === undefined)
    return refusedRun({ code: 'no_active_release', message: 'No version is active on the target.' });
  const submitted = await submit(gateway, { ...request, version, schema: database.schemaName }, call);
  if (typeof submitted !== 'string') return submitted;
  let report: RunReport = { dag_id: submitted, version, state: 'created', jobs: [], output: null, error: null };
  for (
    let pause = FIRST_LOOK_MS;
    !hasEnded(report) && elapsed() < request.deadlineMs;
    pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS)
  ) {
    await rest(Math.min(pause, request.deadlineMs - elapsed()), call.signal);
    report = (await readScheduledRun(database, { dagId: submitted, version }, call)) ?? report;
  }
  return concludedRun(shown(gateway, report), elapsed());
}

function shown(gateway: GatewayClient, report: RunReport): RunReport {
  return report.error === null ? report : { ...report, error: saidBy(gateway, report.error) };
}

/** A pause that the caller's signal ends early; the next query then reports it. */
async function rest(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(Math.max(0, ms), undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
}

type VersionRun = WorkflowRunRequest & { readonly version: string; readonly schema: string };

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The id of the run, or the run that was refused. */
async function submit(gateway: GatewayClient, run: VersionRun, call: CallOptions): Promise<string | WorkflowRun> {
  const body = { header: {}, parameters: { invoke_action: invocation(gateway, run) } };
  const answer = await gateway.ask({ method: 'POST', path: '/api/v1/invoke', body, ...call });
  const token = tokenError(answer.status);
  if (token !== null) return refusedRun(token, run.version);
  gateway.demandSuccess(answer);
  const { parameters } = expectShape(InvokeCheck, answer.body, gateway);
  return acceptedId(parameters) ?? refusedRun(refusal(gateway, parameters), run.version);
}

function invocation(
  gateway: GatewayClient,
  { workflow, version, input, schema, projectId = 'm3-publish' }: VersionRun,
) {
  return {
    action_type: 'command',
    api_key: gateway.token ?? null,
    command: 'job',
    action: 'submit',
    name: 'extract',
    metadata: {
      planner: plannerName(workflow, version),
      project_id: projectId,
      ref_type: 'm3_publish',
      ref_id: randomUUID(),
      policy: 'allow_all',
      schema,
      input,
    },
  };
}

/** Marie reports failures with HTTP 200, too. */
function acceptedId({ error, status, job_id }: Invoked): string | null {
  const accepted = error === undefined && status === 'ok' && typeof job_id === 'string' && UUID.test(job_id);
  return accepted ? job_id : null;
}

function refusal(gateway: GatewayClient, { error, msg }: Invoked): RunError {
  const reason = textOf(error) ?? textOf(msg) ?? 'The gateway gave no reason.';
  return { code: 'invoke_failed', message: gateway.clean(reason) };
}

function textOf(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
