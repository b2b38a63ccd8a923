import type { Bundle } from '@m3/artifacts';
import type { VersionTaggedMessage } from '@m3/contracts';
import { tagOf } from './tag-of.js';

const node = (number: number, definition: object) => ({
  task_id: taskId(number),
  query_str: `Step ${number}`,
  dependencies: number === 1 ? [] : [taskId(number - 1)],
  node_type: 'COMPUTE',
  definition,
});

/** The release that is published over and over: one workflow of three nodes, with one test. */
const bundle: Bundle = {
  workflows: [
    {
      name: 'page-count',
      plan: {
        nodes: [
          node(1, { method: 'NOOP', endpoint: 'noop', params: { layout: null } }),
          node(2, {
            method: 'EXECUTOR_ENDPOINT',
            endpoint: 'ocr_executor://document/text',
            params: { layout: 'plain' },
          }),
          node(3, { method: 'NOOP', endpoint: 'noop', params: { layout: null } }),
        ],
      },
    },
  ],
  agents: [],
  processors: [],
  tests: [
    {
      name: 'pages-are-counted',
      workflow: 'page-count',
      input: { document: 's3://samples/one-page.pdf' },
      expect: { status: 'completed' },
    },
  ],
};

export interface Tag {
  readonly project: string;
  /** Versions are `v1.<round>.<number>`. */
  readonly round: number;
  readonly number: number;
  readonly branch: string;
}

/** The tag of one version of that release. */
export function tagMessage({ project, branch, ...numbers }: Tag): VersionTaggedMessage {
  return tagOf({ project, branch, version: versionName(numbers), bundle });
}

export function versionName({ round, number }: Pick<Tag, 'round' | 'number'>): string {
  return `v1.${round}.${number}`;
}

function taskId(number: number): string {
  return `0197a4e2-2d00-7000-8000-${String(number).padStart(12, '0')}`;
}
