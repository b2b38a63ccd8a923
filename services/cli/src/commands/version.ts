import { VersionDetail, VersionList } from '@m3/contracts';
import { allPages } from '../api/all-pages.js';
import { apiPath } from '../api/api-client.js';
import type { Cli } from '../cli.js';
import type { Output } from '../output/output.js';
import { type CommandGroup, commandGroup, type Program } from '../root-command.js';
import { examples } from './examples.js';
import { positiveInteger } from './option-values.js';
import { registerVersionBundle } from './version-bundle.js';
import { registerVersionChanges } from './version-changes.js';
import { registerVersionTag } from './version-tag.js';

/** `version tag|bundle|list|show|changes`. */
export function registerVersion(parent: Program, cli: Cli): void {
  const group = commandGroup(parent, 'version', 'tagged releases of a project: tag, list, show, compare');
  registerVersionTag(group, cli);
  registerVersionBundle(group, cli);
  registerList(group, cli);
  registerVersionChanges(group, cli);
  group
    .command('show')
    .description('show one version: who tagged it, what it holds, where it is active')
    .argument('<project>')
    .argument('<version>')
    .addHelpText('after', examples('version show invoice-pipeline v1.3.0'))
    .action(async (project, name) => {
      const version = await cli.api.get(apiPath('versions', project, name), VersionDetail);
      cli.output.result(version, () => printVersion(cli.output, version));
    });
}

function registerList(group: CommandGroup, cli: Cli): void {
  group
    .command('list')
    .description('list versions, newest first')
    .option('-p, --project <project>', 'of one project')
    .option('-n, --limit <count>', 'how many at most', positiveInteger, 20)
    .addHelpText('after', examples('version list', 'version list --project invoice-pipeline --json'))
    .action(async ({ project, limit }) => {
      const items = await allPages(limit, (page) => cli.api.get('versions', VersionList, { project, ...page }));
      cli.output.result({ items }, () => {
        const rows = items.map((version) => [
          cli.output.time(version.tagged_at),
          version.project,
          version.version,
          version.branch,
          version.commit.slice(0, 12),
          version.tagged_by,
          version.active_on.map(({ target_name }) => target_name).join(', '),
          version.failed_on.map(({ target_name }) => target_name).join(', '),
        ]);
        const headings = ['Tagged', 'Project', 'Version', 'Branch', 'Commit', 'By', 'Active on', 'Failed on'];
        cli.output.table(headings, rows, 'no versions');
      });
    });
}

function printVersion(output: Output, version: VersionDetail): void {
  const { workflows, agents, processors } = version.artifact_counts;
  const names = (targets: readonly { target_name: string }[]): string =>
    targets.map(({ target_name }) => target_name).join(', ');
  output.fields([
    ['Version', `${version.project} ${version.version}`],
    ['Tagged', `${output.time(version.tagged_at)} by ${version.tagged_by}`],
    ['From', `${version.branch} ${version.commit}`],
    ['Bundle', `${version.bundle_digest}, ${version.bundle_bytes} bytes`],
    ['Holds', `${workflows} workflows, ${agents} agents, ${processors} processors`],
    ['Requires', version.requires_marie === null ? 'nothing' : `Marie ${version.requires_marie}`],
    ['Active on', names(version.active_on) || 'no target'],
    ...(version.failed_on.length === 0 ? [] : [['Failed on', names(version.failed_on)] as const]),
    ...(version.conflicts === 0 ? [] : [['Conflicts', `${version.conflicts} refused with another digest`] as const]),
  ]);
  output.line('');
  const rows = version.artifacts.map(({ kind, name, digest }) => [kind, name, digest]);
  output.table(['Kind', 'Name', 'Digest'], rows, 'no artifacts');
}
