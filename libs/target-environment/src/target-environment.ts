import * as activation from './database/activate-release.js';
import * as deployment from './database/deploy-release.js';
import * as releaseState from './database/release-state.js';
import * as snapshots from './database/snapshot.js';
import type { TargetDatabase } from './database/target-database.js';
import type { CallOptions } from './deadline.js';
import type { Capabilities } from './gateway/answers.js';
import * as checks from './gateway/check-gateway.js';
import * as extension from './gateway/extension.js';
import type { GatewayClient } from './gateway/gateway-client.js';
import { registerPlanners, type PlannerRegistration } from './gateway/register-planners.js';
import { runByExtension } from './gateway/run-by-extension.js';
import { runByInvoke } from './gateway/run-by-invoke.js';
import type { CandidateRunRequest, WorkflowRunRequest } from './gateway/workflow-run.js';

export interface TargetParts {
  readonly gateway: GatewayClient;
  readonly database: TargetDatabase;
  /** What the gateway's extension can do; remembered for a while. */
  readonly capabilities: (call: CallOptions) => Promise<Capabilities | null>;
  readonly remember: (capabilities: Capabilities | null) => void;
}

/**
 * One target: a schema in a database and the gateway in front of it. Expected outcomes are values; when the answer is not
 * known an operation throws `TargetUnreachableError`, and may be repeated with the same arguments.
 */
export function targetEnvironment({ gateway, database, capabilities, remember }: TargetParts) {
  const schema = database.schemaName;
  const able = async (capability: keyof Capabilities, call: CallOptions) =>
    (await capabilities(call))?.[capability] === true;
  const unsupported: extension.Unsupported = { outcome: 'unsupported' };
  return {
    /** Host, port and name of the database. */
    database: database.description,

    checkGateway: async (call: CallOptions = {}) => {
      const check = await checks.checkGateway(gateway, call);
      remember(check.extension);
      return check;
    },
    /** A sign of life of the gateway: cheap enough to be asked for every minute. */
    gatewayStatus: (call: CallOptions = {}) => checks.readStatus(gateway, call),
    dryRun: (call: CallOptions = {}) => checks.dryRun(gateway, call),
    checkCapacity: (call: CallOptions = {}) => checks.checkCapacity(gateway, call),
    checkDatabase: (call: CallOptions = {}) => releaseState.checkDatabase(database, call),

    releaseState: (call: CallOptions = {}) => releaseState.readReleaseState(database, call),
    manifest: (version: string, call: CallOptions = {}) => releaseState.readManifest(database, version, call),

    snapshot: (call: CallOptions = {}) => snapshots.takeSnapshot(database, call),
    restore: (restoration: { readonly snapshot: snapshots.Snapshot; readonly fence: number }, call: CallOptions = {}) =>
      snapshots.restoreSnapshot(database, restoration, call),

    deploy: (release: deployment.Deployment, call: CallOptions = {}) =>
      deployment.deployRelease(database, release, call),
    discardRelease: (release: { readonly version: string; readonly fence: number }, call: CallOptions = {}) =>
      deployment.discardRelease(database, release, call),
    registerPlanners: (registration: PlannerRegistration, call: CallOptions = {}) =>
      registerPlanners(gateway, registration, call),

    activate: (wanted: activation.Activation, call: CallOptions = {}) =>
      activation.activateRelease(database, wanted, call),
    /** `unsupported` where the gateway cannot route by version: nothing is written then, since nobody would follow it. */
    route: async (
      routing: activation.Routing,
      call: CallOptions = {},
    ): Promise<activation.RouteResult | extension.Unsupported> =>
      (await able('routes', call)) ? activation.routeTraffic(database, routing, call) : unsupported,

    /** New executions are refused until the next activation, restore or routing; those that run go on. */
    stopRouting: async (
      stop: { readonly fence: number },
      call: CallOptions = {},
    ): Promise<activation.StopResult | extension.Unsupported> =>
      (await able('routes', call)) ? activation.stopRouting(database, stop, call) : unsupported,

    invalidateCaches: async (call: CallOptions = {}): Promise<extension.InvalidationResult> =>
      (await able('cache_invalidation', call)) ? extension.invalidateCaches(gateway, { schema, ...call }) : unsupported,
    draining: async (call: CallOptions = {}): Promise<extension.DrainingResult> =>
      (await able('execute', call)) ? extension.readDraining(gateway, { schema, ...call }) : unsupported,
    metrics: async (call: CallOptions = {}): Promise<extension.MetricsResult> =>
      (await able('metrics', call)) ? extension.readMetrics(gateway, { schema, ...call }) : unsupported,

    /** Runs a workflow to its end. `timeoutMs` bounds each call below it, `deadlineMs` the run. */
    runWorkflow: async (request: WorkflowRunRequest, call: CallOptions = {}) =>
      (await able('execute', call))
        ? runByExtension(gateway, { ...request, schema }, call)
        : runByInvoke({ gateway, database }, request, call),
    /** Runs a workflow of a version that is not deployed: by the planner that {@link registerPlanners} made of it. */
    runCandidate: (request: CandidateRunRequest, call: CallOptions = {}) =>
      runByInvoke({ gateway, database }, request, call),
  };
}

export type TargetEnvironment = ReturnType<typeof targetEnvironment>;
