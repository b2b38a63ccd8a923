import type { CallOptions } from '../deadline.js';
import { ErrorAnswer, ExecutionCheck, expectShape, type Execution } from './answers.js';
import { extensionPath } from './extension.js';
import type { GatewayAnswer, GatewayClient } from './gateway-client.js';
import {
  concludedRun,
  hasEnded,
  refusedRun,
  type RunError,
  type WorkflowRun,
  type WorkflowRunRequest,
} from './workflow-run.js';

/** One wait of the gateway's; a connection that is silent for longer is suspicious. */
const LONGEST_WAIT_MS = 10_000;
/** For the answer to travel after the wait has ended. */
const GRACE_MS = 5_000;

type SchemaRun = WorkflowRunRequest & { readonly schema: string };

/** Starts a run and waits for its end: one call for a run that ends within ten seconds, then one every ten. */
export async function runByExtension(
  gateway: GatewayClient,
  request: SchemaRun,
  call: CallOptions,
): Promise<WorkflowRun> {
  const started = performance.now();
  const remaining = () => Math.max(0, Math.round(request.deadlineMs - (performance.now() - started)));
  const answer = await start(gateway, request, { ...call, waitMs: Math.min(remaining(), LONGEST_WAIT_MS) });
  const refusal = refusalOf(gateway, answer);
  if (refusal !== null) return refusal;
  let execution = expectShape(ExecutionCheck, answer.body, gateway);
  while (!hasEnded(execution) && remaining() > 0) {
    execution = await follow(gateway, request.schema, execution.dag_id, {
      ...call,
      waitMs: Math.min(remaining(), LONGEST_WAIT_MS),
    });
  }
  return concludedRun(reportOf(gateway, execution), performance.now() - started);
}

type Wait = CallOptions & { readonly waitMs: number };

function start(
  gateway: GatewayClient,
  { workflow, version, input, schema }: SchemaRun,
  { waitMs, ...call }: Wait,
): Promise<GatewayAnswer> {
  return gateway.ask({
    method: 'POST',
    path: extensionPath(schema, 'executions'),
    body: { workflow, input, wait_ms: waitMs, ...(version === undefined ? {} : { version }) },
    ...call,
    timeoutMs: waitMs + GRACE_MS,
  });
}

async function follow(
  gateway: GatewayClient,
  schema: string,
  dagId: string,
  { waitMs, ...call }: Wait,
): Promise<Execution> {
  const path = `${extensionPath(schema, 'executions')}/${encodeURIComponent(dagId)}?wait_ms=${waitMs}`;
  const body = await gateway.read({ method: 'GET', path, ...call, timeoutMs: waitMs + GRACE_MS });
  return expectShape(ExecutionCheck, body, gateway);
}

/** Refusals that are about this run; others (5xx) tell nothing about it and throw. */
function refusalOf(gateway: GatewayClient, answer: GatewayAnswer): WorkflowRun | null {
  if (answer.status < 300) return null;
  const token = tokenError(answer.status);
  if (token !== null) return refusedRun(token);
  const { status, body } = answer;
  if (status >= 500 || !ErrorAnswer.Check(body)) throw gateway.statusFailure(status);
  const { code, message } = body.error;
  return refusedRun(saidBy(gateway, { code, message }));
}

/** An error in the gateway's words, fit to be shown and to be kept. */
export function saidBy(gateway: GatewayClient, { code, message }: RunError): RunError {
  return { code: gateway.clean(code), message: gateway.clean(message) };
}

/** What 401 and 403 mean; null for every other status. */
export function tokenError(status: number): RunError | null {
  if (status === 401) return { code: 'unauthorized', message: 'The gateway does not know the token of the target.' };
  if (status !== 403) return null;
  return { code: 'forbidden', message: 'The gateway wants a token, and the target has none that it accepts.' };
}

function reportOf(gateway: GatewayClient, execution: Execution) {
  const error = execution.error === null ? null : saidBy(gateway, execution.error);
  const jobs = execution.jobs.map(({ id, name, task_id, state, job_level }) => ({
    id,
    name: gateway.clean(name),
    task_id: task_id ?? null,
    state,
    job_level,
  }));
  return { ...execution, error, jobs };
}
