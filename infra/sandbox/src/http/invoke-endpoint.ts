import { objectIn, textIn, type JsonObject } from '../engine/json.js';
import { readPlannerName, type ExecutionIdentity } from '../executions/execution-document.js';
import { newDagId, type ExecutionData, type Executions } from '../executions/executions.js';
import type { PlannerRegistry } from '../planner-registry.js';
import { sameSecret, withBearer } from './bearer.js';
import type { Endpoint, Reply } from './router.js';

export interface Invocations {
  readonly executions: Executions;
  readonly registry: PlannerRegistry;
  readonly token: string | undefined;
}

/**
 * Marie's way to run a planner. Once the token is right every answer is HTTP 200; what went wrong stands in its
 * parameters. The answer comes before planning: a planner that is not registered shows as a failed run without jobs.
 */
export function invokeEndpoint(invocations: Invocations): Endpoint {
  return {
    method: 'POST',
    path: '/api/v1/invoke',
    handle: withBearer(invocations.token, async ({ json }) => {
      const action = objectIn(objectIn(objectIn(await json()).parameters).invoke_action);
      const problem = problemOf(action, invocations.token);
      return answer(problem ?? (await submit(invocations, action)));
    }),
  };
}

function answer(parameters: JsonObject): Reply {
  return { status: 200, body: { header: {}, parameters, data: null } };
}

type Check = readonly [breached: (action: JsonObject, token: string | undefined) => boolean, problem: JsonObject];

const checks: readonly Check[] = [
  [(action) => Object.keys(action).length === 0, { error: 'Invalid request, missing invoke_action' }],
  [(action) => textIn(action.api_key) === undefined, { error: 'Invalid request, missing api_key' }],
  [
    (action, token) => token !== undefined && !sameSecret(textIn(action.api_key) ?? '', token),
    { error: 'Invalid or expired token' },
  ],
  [(action) => action.command !== 'job', refused('Command not recognized or not implemented')],
  [(action) => action.action !== 'submit', refused('Action not recognized')],
  [
    (action) => !/^[\w.-]{1,255}$/.test(textIn(action.name) ?? ''),
    refused('Event name can only contain letters, digits, hyphen, underscore and period'),
  ],
  [
    ({ metadata }) => ['project_id', 'ref_type', 'ref_id'].some((name) => !objectIn(metadata)[name]),
    refused('Project ID , Reference Type and Reference ID are required in the metadata'),
  ],
  [({ metadata }) => textIn(objectIn(metadata).planner) === undefined, refused('Planner is required in the metadata')],
];

function refused(msg: string): JsonObject {
  return { status: 'error', msg, exception: { type: 'Unknown', message: 'Unknown error' } };
}

function problemOf(action: JsonObject, token: string | undefined): JsonObject | undefined {
  return checks.find(([breached]) => breached(action, token))?.[1];
}

async function submit(invocations: Invocations, action: JsonObject): Promise<JsonObject> {
  const metadata = objectIn(action.metadata);
  const planner = textIn(metadata.planner) ?? '';
  const schema = textIn(metadata.schema) ?? null;
  const identity = { dagId: newDagId(), schema, planner, ...readPlannerName(planner) };
  try {
    await invocations.executions.accept(identity);
  } catch {
    return refused('Failed to submit job. The scheduler database cannot be used.');
  }
  void plan(invocations, identity, { input: objectIn(metadata.input), metadata });
  return { status: 'ok', msg: `job submitted with id ${identity.dagId}`, job_id: identity.dagId };
}

/** Marie plans after it has answered; so what goes wrong here is seen in the run only. */
async function plan(
  { executions, registry }: Invocations,
  identity: ExecutionIdentity,
  data: ExecutionData,
): Promise<void> {
  const template = registry.template(identity.planner);
  try {
    if (template !== undefined) await executions.start(identity, template, data);
    else await executions.refuse(identity, notRegistered(identity.planner));
  } catch {
    // The database went away between acceptance and planning: the run stays `created`.
  }
}

function notRegistered(planner: string): { readonly code: string; readonly message: string } {
  return { code: 'planner_not_registered', message: `Query planner '${planner}' is not registered` };
}
