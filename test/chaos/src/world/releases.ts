import { bundleDigest, type Bundle } from '@m3/artifacts';

export const project = 'invoice-pipeline';

/** One artifact that a version brings. */
export interface ArtifactName {
  readonly kind: 'workflow' | 'agent' | 'processor';
  readonly name: string;
}

/** How many of each kind, so that versions differ in what they bring. */
const workflowsOf = (number: number): number => 1 + (number % 3);
const agentsOf = (number: number): number => 1 + (number % 2);

const numberOf = (version: string): number => Number(version.split('.')[1] ?? 0);

/** Everything that a target holds of a version. */
export function artifactsOf(version: string): readonly ArtifactName[] {
  const number = numberOf(version);
  const named = (kind: ArtifactName['kind'], count: number) =>
    Array.from({ length: count }, (_, index) => ({ kind, name: `${kind}-${index + 1}` }));
  return [...named('workflow', workflowsOf(number)), ...named('agent', agentsOf(number)), ...named('processor', 1)];
}

/** A release whose every artifact names its version: a mixture of two shows. */
export function releaseOf(version: string): Bundle {
  const of = (kind: ArtifactName['kind']) => artifactsOf(version).filter((artifact) => artifact.kind === kind);
  return {
    workflows: of('workflow').map(({ name }, index) => ({ name, plan: planOf(version, index + 1) })),
    agents: of('agent').map(({ name }) => ({ name, system_message: `You review ${version}.` })),
    processors: of('processor').map(({ name }) => ({ name, config_snapshot: { version, threshold: 0.5 } })),
    tests: [],
  };
}

/** The body of `POST /versions`. */
export function taggedData(version: string): object {
  const bundle = releaseOf(version);
  return {
    ...{ project, version, branch: 'main', commit: '4f2a9c1', tagged_by: 'tom' },
    tagged_at: '2026-03-19T14:23:45.000Z',
    bundle: { inline: bundle, sha256: bundleDigest(bundle) },
  };
}

function planOf(version: string, workflow: number) {
  const task = (node: number) => `0197a4e2-1c0${workflow}-7000-8000-${String(node).padStart(12, '0')}`;
  return {
    nodes: [
      {
        ...{ task_id: task(0), query_str: `Start ${version}`, dependencies: [], node_type: 'COMPUTE' },
        definition: { method: 'NOOP', endpoint: 'noop', params: {} },
      },
      {
        ...{ task_id: task(1), query_str: 'Extract', dependencies: [task(0)], node_type: 'EXTRACTOR' },
        definition: {
          ...{ method: 'EXECUTOR_ENDPOINT', endpoint: 'extract_executor://document/extract' },
          params: { layout: version },
        },
      },
    ],
  };
}
