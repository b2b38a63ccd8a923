export { plannerName, type Manifest } from './manifest.js';
export type { CallOptions } from './deadline.js';
export { TargetUnreachableError, type UnreachableCode } from './errors.js';
export { TargetEnvironments, type TargetConnection, type TargetEnvironmentsOptions } from './target-environments.js';
export type { TargetEnvironment } from './target-environment.js';

export type { Activation, ActivateResult, Routing, RouteResult, StopResult } from './database/activate-release.js';
export { describeDatabase, type DatabaseDescription } from './database/connection-url.js';
export {
  fencedReason,
  type ArtifactCounts,
  type Deployment,
  type DeployResult,
  type DiscardResult,
  type Fenced,
} from './database/deploy-release.js';
export { initialiseTarget } from './database/initialise-target.js';
export type { ActiveRelease, DatabaseCheck, ReleaseState, TrafficRoute } from './database/release-state.js';
export { InvalidSchemaNameError, quoteSchema } from './database/schema-name.js';
export {
  InvalidSnapshotError,
  parseSnapshot,
  Snapshot,
  snapshotDigest,
  snapshotText,
  type RestoreResult,
} from './database/snapshot.js';
export { snapshotChanges, type SnapshotChange } from './database/snapshot-changes.js';

export type { Capabilities, GatewayRouting, VersionMetrics } from './gateway/answers.js';
export type { CapacityCheck, GatewayCheck } from './gateway/check-gateway.js';
export type { DrainingResult, InvalidationResult, MetricsResult, Unsupported } from './gateway/extension.js';
export type { PlannerRegistration, RegistrationResult } from './gateway/register-planners.js';
export type {
  CandidateRunRequest,
  RunError,
  WorkflowJob,
  WorkflowRun,
  WorkflowRunRequest,
} from './gateway/workflow-run.js';

export { createAddressPolicy, type AddressPolicy } from './http/address-policy.js';
export {
  createGuardedHttp,
  type GuardedHttp,
  type GuardedHttpOptions,
  type HttpAnswer,
  type HttpRequest,
} from './http/guarded-http.js';
export { HttpRequestError, type HttpErrorCode } from './http/http-request-error.js';
