import { Type, type Static, type TSchema } from '@sinclair/typebox';
import { TypeCompiler } from '@sinclair/typebox/compiler';
import type { GatewayClient } from './gateway-client.js';

/** The parts of the gateway's answers that are relied upon. Unknown fields are let through: other releases have more. */
const Text = Type.String();
const OrNull = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);
const Moment = Type.Optional(OrNull(Text));

export const Status = TypeCompiler.Compile(Type.Object({ marie: Type.Record(Text, Type.Unknown()) }));

export const DryRun = TypeCompiler.Compile(
  Type.Object({ code: Type.Optional(Type.Union([Type.Integer(), Text])), description: Type.Optional(OrNull(Text)) }),
);

export const Capacity = TypeCompiler.Compile(
  Type.Object({
    status: Text,
    result: Type.Object({
      totals: Type.Object({ capacity: Type.Number(), used: Type.Number(), available: Type.Number() }),
    }),
  }),
);

const CapabilitiesAnswer = Type.Object({
  version: Type.Integer(),
  routes: Type.Boolean(),
  cache_invalidation: Type.Boolean(),
  reload: Type.Boolean(),
  execute: Type.Boolean(),
  metrics: Type.Boolean(),
});
/** What the extension of a gateway can do. */
export type Capabilities = Static<typeof CapabilitiesAnswer>;
export const CapabilitiesCheck = TypeCompiler.Compile(CapabilitiesAnswer);

const Executions = Type.Array(Type.Object({ version: Text, running: Type.Integer() }));

const Routing = Type.Object({
  active_version: OrNull(Text),
  routes: Type.Array(Type.Object({ version: Text, weight: Type.Number() })),
  /** What runs, by the version that it began with. Gateways that do not say it here are asked. */
  draining: Type.Optional(Executions),
});
/** What the gateway serves after it has read the database again. */
export type GatewayRouting = Static<typeof Routing>;
export const RoutingCheck = TypeCompiler.Compile(Routing);

const Draining = Type.Object({ executions: Executions });
export const DrainingCheck = TypeCompiler.Compile(Draining);

const Metrics = Type.Object({
  versions: Type.Array(
    Type.Object({ version: Text, executions: Type.Integer(), failures: Type.Integer(), p95_ms: OrNull(Type.Number()) }),
  ),
});
export type VersionMetrics = Static<typeof Metrics>['versions'][number];
export const MetricsCheck = TypeCompiler.Compile(Metrics);

const Failure = Type.Object({ code: Text, message: Text });
export const ErrorAnswer = TypeCompiler.Compile(Type.Object({ error: Failure }));

const Job = Type.Object({
  id: Text,
  name: Text,
  task_id: Type.Optional(OrNull(Text)),
  state: Text,
  job_level: OrNull(Type.Integer()),
  error: Type.Optional(Type.Unknown()),
});
const Execution = Type.Object({
  dag_id: Text,
  workflow: Text,
  version: OrNull(Text),
  state: Text,
  started_on: Moment,
  completed_on: Moment,
  error: OrNull(Failure),
  output: Type.Unknown(),
  jobs: Type.Array(Job),
});
export type Execution = Static<typeof Execution>;
export const ExecutionCheck = TypeCompiler.Compile(Execution);

export const PlannerCheck = TypeCompiler.Compile(
  Type.Object({ name: Text, plan_definition: Type.Optional(Type.Unknown()), plan: Type.Optional(Type.Unknown()) }),
);

const Parameters = Type.Object({
  status: Type.Optional(Type.Unknown()),
  msg: Type.Optional(Type.Unknown()),
  job_id: Type.Optional(Type.Unknown()),
  error: Type.Optional(Type.Unknown()),
});
export type Invoked = Static<typeof Parameters>;
export const InvokeCheck = TypeCompiler.Compile(Type.Object({ parameters: Parameters }));

/** The body as what it was checked to be. @throws TargetUnreachableError (`unexpected_answer`) */
export function expectShape<Shape>(
  check: { Check(value: unknown): value is Shape },
  body: unknown,
  gateway: GatewayClient,
): Shape {
  if (check.Check(body)) return body;
  throw gateway.failure('unexpected_answer', 'answered in a form that is not known: its release may not be supported');
}
