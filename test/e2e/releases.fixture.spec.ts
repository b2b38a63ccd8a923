import { bundleDigest, type Bundle } from '@m3/artifacts';

export const project = 'invoice-pipeline';

export interface ReleaseParts {
  /** The executor that each workflow calls. */
  readonly executor?: string;
  /** A text that stands in the agent's instructions. */
  readonly instructions?: string;
}

/** A release of two workflows, an agent and a processor, whose contents name the version: a mixture of two shows. */
export function release(version: string, { executor = 'extract_executor://', instructions = '' }: ReleaseParts = {}) {
  const workflow = (name: string, id: number) => ({ name, plan: plan(version, executor, id) });
  const bundle: Bundle = {
    workflows: [workflow('invoice-extraction', 1), workflow('receipt-extraction', 2)],
    agents: [{ name: 'reviewer', system_message: `You review ${version}. ${instructions}` }],
    processors: [{ name: 'page-splitter', config_snapshot: { version, threshold: 0.5 } }],
    tests: [],
  };
  return bundle;
}

export const artifactNames = {
  workflow: ['invoice-extraction', 'receipt-extraction'],
  agent: ['reviewer'],
  processor: ['page-splitter'],
} as const;

const taskId = (workflow: number, node: number): string =>
  `0197a4e2-1c0${workflow}-7000-8000-${String(node).padStart(12, '0')}`;

function plan(version: string, executor: string, workflow: number) {
  return {
    nodes: [
      {
        task_id: taskId(workflow, 0),
        query_str: `Start ${version}`,
        dependencies: [],
        node_type: 'COMPUTE',
        definition: { method: 'NOOP', endpoint: 'noop', params: {} },
      },
      {
        task_id: taskId(workflow, 1),
        query_str: 'Extract the fields',
        dependencies: [taskId(workflow, 0)],
        node_type: 'EXTRACTOR',
        definition: {
          method: 'EXECUTOR_ENDPOINT',
          endpoint: `${executor}document/extract`,
          params: { layout: version },
        },
      },
    ],
  };
}

/** The same release with a workflow whose nodes wait for each other. */
export function withCycle(bundle: Bundle): Bundle {
  return withDependencies(bundle, [[taskId(1, 1)], [taskId(1, 0)]]);
}

/** The same release with a workflow that waits for a node that is not there. */
export function withDanglingDependency(bundle: Bundle): Bundle {
  return withDependencies(bundle, [[], [taskId(1, 0), taskId(1, 9)]]);
}

function withDependencies(bundle: Bundle, dependencies: readonly (readonly string[])[]): Bundle {
  const { nodes } = plan('any', 'extract_executor://', 1);
  const broken = { nodes: nodes.map((node, index) => ({ ...node, dependencies: dependencies[index] ?? [] })) };
  const [, second] = bundle.workflows;
  return { ...bundle, workflows: [{ name: 'broken', plan: broken }, ...(second ? [second] : [])] };
}

export interface Tag {
  readonly version: string;
  readonly bundle?: Bundle;
  /** Of the message; default: one for each version. */
  readonly id?: string;
  readonly by?: string;
  readonly project?: string;
}

/** A `version.tagged` message as another service sends it. */
export function tagMessage({ version, bundle = release(version), id, by = 'ann', project: name = project }: Tag) {
  return {
    specversion: '1.0',
    id: id ?? `${name} ${version}`,
    source: 'm3-forge/e2e',
    type: 'version.tagged',
    data: {
      project: name,
      version,
      branch: 'main',
      commit: '4f2a9c1',
      tagged_by: by,
      tagged_at: '2026-03-19T14:23:45.000Z',
      bundle: { inline: bundle, sha256: bundleDigest(bundle) },
    },
  };
}
