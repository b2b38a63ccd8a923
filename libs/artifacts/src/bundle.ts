import { type Static, Type } from '@sinclair/typebox';
import type { ArtifactKind } from './findings.js';

/** The form of artifact names: they become names of planners, files and rows. */
export const namePattern = '^[a-z0-9][a-z0-9-]{0,62}$';

const JsonObject = Type.Unsafe<Record<string, unknown>>({ type: 'object' });
const closed = { additionalProperties: false };
const Name = Type.String({ pattern: namePattern });
const Description = Type.Optional(Type.String({ maxLength: 4_096 }));

/** A workflow. Its plan is kept as it came: whether it is a query plan is for validation to say, not for parsing. */
export const Workflow = Type.Object({ name: Name, description: Description, plan: Type.Unknown() }, closed);
export type Workflow = Static<typeof Workflow>;

/** A tool of an agent: its name, or its name with settings. */
export const AgentTool = Type.Union([
  Type.String({ minLength: 1 }),
  Type.Object(
    {
      name: Type.String({ minLength: 1 }),
      enabled: Type.Optional(Type.Boolean()),
      config: Type.Optional(JsonObject),
    },
    closed,
  ),
]);
export type AgentTool = Static<typeof AgentTool>;

export const Agent = Type.Object(
  {
    name: Name,
    description: Description,
    backend: Type.Optional(Type.String({ minLength: 1 })),
    system_message: Type.Optional(Type.String()),
    max_iterations: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
    llm: Type.Optional(JsonObject),
    tools: Type.Optional(Type.Array(AgentTool)),
    memory: Type.Optional(Type.Union([JsonObject, Type.Null()])),
  },
  closed,
);
export type Agent = Static<typeof Agent>;

const PackageVersion = Type.String({ minLength: 1, maxLength: 128 });

/** A package that a processor needs; the ecosystem as OSV names it, e.g. `PyPI` or `npm`. */
export const PackageDependency = Type.Object(
  {
    ecosystem: Type.String({ minLength: 1, maxLength: 64 }),
    name: Type.String({ minLength: 1, maxLength: 214 }),
    version: PackageVersion,
  },
  closed,
);
export type PackageDependency = Static<typeof PackageDependency>;

/**
 * A processor: a snapshot of its plan (null: it has none), of its settings, and the packages it needs: a list, or for
 * Python packages just name → version.
 */
export const Processor = Type.Object(
  {
    name: Name,
    description: Description,
    query_plan_snapshot: Type.Optional(Type.Unknown()),
    config_snapshot: Type.Optional(JsonObject),
    dependencies: Type.Optional(
      Type.Union([
        Type.Unsafe<Record<string, string>>({
          type: 'object',
          propertyNames: { maxLength: 214 },
          additionalProperties: { type: 'string', minLength: 1, maxLength: 128 },
        }),
        Type.Array(PackageDependency, { maxItems: 2_000 }),
      ]),
    ),
  },
  closed,
);
export type Processor = Static<typeof Processor>;

/** The packages that a processor needs, in one form. */
export function dependenciesOf({ dependencies = [] }: Processor): readonly PackageDependency[] {
  if (Array.isArray(dependencies)) return dependencies;
  return Object.entries(dependencies).map(([name, version]) => ({ ecosystem: 'PyPI', name, version }));
}

/**
 * What a test run must come to. `status` is `completed` unless said otherwise; every field that `output` states must be
 * there with that value (more may be there); `max_duration_ms` bounds the whole run.
 */
export const TestExpectation = Type.Object(
  {
    status: Type.Optional(Type.Union([Type.Literal('completed'), Type.Literal('failed')])),
    output: Type.Optional(Type.Unknown()),
    max_duration_ms: Type.Optional(Type.Integer({ minimum: 1 })),
  },
  closed,
);
export type TestExpectation = Static<typeof TestExpectation>;

/** A test of one workflow. `kind` chooses the pass rate that applies; `integration` unless said otherwise. */
export const WorkflowTest = Type.Object(
  {
    name: Name,
    description: Description,
    kind: Type.Optional(Type.Union([Type.Literal('unit'), Type.Literal('integration')])),
    workflow: Name,
    input: JsonObject,
    expect: TestExpectation,
  },
  closed,
);
export type WorkflowTest = Static<typeof WorkflowTest>;

/** What the version needs of its environment: a semver range for Marie. */
export const Requirements = Type.Object(
  { marie: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })) },
  closed,
);
export type Requirements = Static<typeof Requirements>;

/** Everything that a version is made of. */
export const Bundle = Type.Object(
  {
    workflows: Type.Array(Workflow),
    agents: Type.Array(Agent),
    processors: Type.Array(Processor),
    tests: Type.Array(WorkflowTest),
    requires: Type.Optional(Requirements),
  },
  closed,
);
export type Bundle = Static<typeof Bundle>;

/** The list of a bundle that holds the artifacts of a kind. */
export const collections = {
  workflow: 'workflows',
  agent: 'agents',
  processor: 'processors',
  test: 'tests',
} as const satisfies Record<ArtifactKind, keyof Bundle>;
