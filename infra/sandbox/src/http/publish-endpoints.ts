import { GatewayError } from '../gateway-error.js';
import { isObject, numberIn, objectIn, textIn } from '../engine/json.js';
import { plannerName, type ExecutionDocument } from '../executions/execution-document.js';
import { newDagId, type Executions, type RunningExecution } from '../executions/executions.js';
import type { Routing, TargetReleases } from '../target/target-releases.js';
import type { VersionChooser } from '../target/version-chooser.js';
import { withBearer } from './bearer.js';
import type { Call, Endpoint, Handler, Reply } from './router.js';

const LONGEST_WAIT_MS = 120_000;
const CAPABILITIES = { version: 1, routes: true, cache_invalidation: true, reload: true, execute: true, metrics: true };
const SCHEMA_NAME = /^[a-z_][a-z0-9_]{0,62}$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export interface PublishExtension {
  readonly executions: Executions;
  readonly releases: TargetReleases;
  readonly chooser: VersionChooser;
  readonly token: string | undefined;
}

/** What the sandbox has beside Marie's own calls, under `/x-publish/v1/`. */
export function publishEndpoints(extension: PublishExtension): readonly Endpoint[] {
  const { executions, releases, token } = extension;
  const open = (handle: Handler): Handler => (token === undefined ? handle : withBearer(token, handle));
  const at = (path: string, method: Endpoint['method'], handle: Handler): Endpoint => ({
    method,
    path: `/x-publish/v1/schemas/{schema}/${path}`,
    handle: open(handle),
  });
  return [
    { method: 'GET', path: '/x-publish/v1/capabilities', handle: open(() => ok(CAPABILITIES)) },
    at('invalidate', 'POST', async (call) => {
      const schema = schemaOf(call);
      return ok({ ...routingBody(await releases.invalidate(schema)), draining: executions.draining(schema) });
    }),
    at('executions', 'POST', (call) => execute(extension, call)),
    at('executions/{dag_id}', 'GET', (call) => show(executions, call)),
    at('draining', 'GET', (call) => ok({ executions: executions.draining(schemaOf(call)) })),
    at('metrics', 'GET', (call) => ok({ versions: executions.metrics.of(schemaOf(call)) })),
  ];
}

function ok(body: unknown): Reply {
  return { status: 200, body };
}

function schemaOf({ params }: Call): string {
  const schema = params.schema ?? '';
  if (SCHEMA_NAME.test(schema)) return schema;
  throw new GatewayError(400, 'invalid_schema_name', 'A schema name has lower-case letters, digits and underscores.');
}

function routingBody({ activeVersion, routes }: Routing) {
  return { active_version: activeVersion, routes };
}

async function execute(extension: PublishExtension, call: Call): Promise<Reply> {
  const schema = schemaOf(call);
  const body = objectIn(await call.json());
  const workflow = textIn(body.workflow);
  if (workflow === undefined) throw new GatewayError(400, 'workflow_missing', 'Name the workflow to run.');
  if (body.input !== undefined && !isObject(body.input)) {
    throw new GatewayError(400, 'invalid_input', 'The input is a JSON object.');
  }
  const version = textIn(body.version) ?? (await chooseVersion(extension, schema));
  const template = await extension.releases.template(schema, workflow, version);
  const identity = { dagId: newDagId(), schema, workflow, version, planner: plannerName(workflow, version) };
  const data = { input: objectIn(body.input), metadata: objectIn(body.metadata) };
  const execution = await extension.executions.start(identity, template, data);
  return shown(await waitFor(execution, numberIn(body.wait_ms)));
}

async function chooseVersion({ releases, chooser }: PublishExtension, schema: string): Promise<string> {
  const routing = await releases.routing(schema);
  const chosen = chooser.choose(schema, routing);
  if (chosen !== null) return chosen;
  if (routing.activeVersion !== null)
    throw new GatewayError(503, 'routing_stopped', 'No new executions begin in this schema at the moment.');
  throw new GatewayError(404, 'version_not_found', 'No version is active in this schema.');
}

async function show(executions: Executions, call: Call): Promise<Reply> {
  const schema = schemaOf(call);
  const dagId = call.params.dag_id ?? '';
  const execution = executions.underWay(dagId, schema);
  if (execution !== undefined) return shown(await waitFor(execution, Number(call.query.get('wait_ms'))));
  const past = UUID.test(dagId) ? await executions.past(schema, dagId) : undefined;
  if (past !== undefined) return shown(past);
  throw new GatewayError(404, 'execution_not_found', 'There is no such execution in this schema.');
}

/** 202 while it goes on, 200 once it has ended. */
function shown(document: ExecutionDocument): Reply {
  return { status: document.completed_on === null ? 202 : 200, body: document };
}

async function waitFor(execution: RunningExecution, waitMs: number | undefined): Promise<ExecutionDocument> {
  const patience = Math.min(waitMs ?? 0, LONGEST_WAIT_MS);
  if (!(patience > 0)) return execution.document();
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([execution.ended, new Promise((resolve) => (timer = setTimeout(resolve, patience)))]);
  clearTimeout(timer);
  return execution.document();
}
