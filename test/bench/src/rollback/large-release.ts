import type { Bundle } from '@m3/artifacts';
import type { VersionTaggedMessage } from '@m3/contracts';
import { tagOf } from '../publish/tag-of.js';

/** As large as a bundle that travels along with its tag may be: workflows of two nodes. */
export interface LargeRelease {
  readonly project: string;
  readonly version: string;
  readonly branch: string;
  readonly workflows: number;
}

/** A release whose workflows all differ from those of every other version. */
export function largeReleaseTag({ workflows, ...release }: LargeRelease): VersionTaggedMessage {
  const bundle: Bundle = {
    workflows: Array.from({ length: workflows }, (_, index) => workflow(index, release.version)),
    ...{ agents: [], processors: [], tests: [] },
  };
  return tagOf({ ...release, bundle });
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
