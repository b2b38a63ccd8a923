import { bundleDigest, type Bundle } from '@m3/artifacts';
import type { VersionTaggedMessage } from '@m3/contracts';

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

/** A `version.tagged` message as another service would send it. */
export function tagMessage({ project, branch, ...numbers }: Tag): VersionTaggedMessage {
  const version = versionName(numbers);
  const taggedAt = new Date().toISOString();
  return {
    specversion: '1.0',
    id: `${project}-${version}`,
    source: 'm3-bench',
    type: 'version.tagged',
    time: taggedAt,
    data: {
      ...{ project, version, branch },
      commit: version,
      tagged_by: 'ann',
      tagged_at: taggedAt,
      bundle: { inline: bundle, sha256: bundleDigest(bundle) },
    },
  };
}

export function versionName({ round, number }: Pick<Tag, 'round' | 'number'>): string {
  return `v1.${round}.${number}`;
}

function taskId(number: number): string {
  return `0197a4e2-2d00-7000-8000-${String(number).padStart(12, '0')}`;
}
