import { bundleDigest, type Bundle } from '@m3/artifacts';
import type { VersionTaggedMessage } from '@m3/contracts';

/** As large as a bundle that travels along with its tag may be: workflows of two nodes. */
export interface LargeRelease {
  readonly project: string;
  readonly version: string;
  readonly branch: string;
  readonly workflows: number;
}

/** A release whose workflows all differ from those of every other version. */
export function largeReleaseTag({ project, version, branch, workflows }: LargeRelease): VersionTaggedMessage {
  const bundle: Bundle = {
    workflows: Array.from({ length: workflows }, (_, index) => workflow(index, version)),
    ...{ agents: [], processors: [], tests: [] },
  };
  const taggedAt = new Date().toISOString();
  return {
    specversion: '1.0',
    id: `${project}-${version}`,
    source: 'm3-bench',
    type: 'version.tagged',
    time: taggedAt,
    data: {
      ...{ project, version, branch, commit: version },
      tagged_by: 'ann',
      tagged_at: taggedAt,
      bundle: { inline: bundle, sha256: bundleDigest(bundle) },
    },
  };
}

function workflow(index: number, version: string): Bundle['workflows'][number] {
  const [first, second] = [taskId(index, 1), taskId(index, 2)];
  return {
    name: `workflow-${String(index).padStart(4, '0')}`,
    plan: {
      nodes: [
        node(first, [], { method: 'NOOP', endpoint: 'noop', params: { version } }),
        node(second, [first], { method: 'EXECUTOR_ENDPOINT', endpoint: 'ocr_executor://text', params: { version } }),
      ],
    },
  };
}

function node(task_id: string, dependencies: readonly string[], definition: object) {
  return { task_id, query_str: 'Step', dependencies: [...dependencies], node_type: 'COMPUTE', definition };
}

function taskId(workflow: number, node: number): string {
  return `0197a4e2-2d00-7000-8000-${String(workflow * 10 + node).padStart(12, '0')}`;
}
