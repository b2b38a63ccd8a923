import { Option } from '@commander-js/extra-typings';
import { TargetAsOf, TargetDetail, TargetList, type TargetSummary } from '@m3/contracts';
import { allPages } from '../api/all-pages.js';
import { apiPath } from '../api/api-client.js';
import type { Cli } from '../cli.js';
import type { Output } from '../output/output.js';
import type { CommandGroup } from '../root-command.js';
import { inWords } from '../watch/steps.js';
import { examples } from './examples.js';
import { moment } from './option-values.js';

/** `target list` and `target show NAME`. */
export function registerTargetViews(group: CommandGroup, cli: Cli): void {
  group
    .command('list')
    .description('list targets with their status and active version')
    .option('-e, --environment <environment>', 'of one environment')
    .addOption(
      new Option('-s, --status <status>', 'with one status').choices([
        'active',
        'inactive',
        'held',
        'unhealthy',
      ] as const),
    )
    .addHelpText('after', examples('target list', 'target list --environment production --json'))
    .action(async (filters) => {
      const items = await allPages(Infinity, (page) => cli.api.get('targets', TargetList, { ...filters, ...page }));
      cli.output.result({ items }, () => printTargets(cli.output, items));
    });
  group
    .command('show')
    .description('show one target: its document, its state, its revision, its active version')
    .argument('<name-or-id>')
    .option('--at <time>', 'as it stood then, ISO 8601', moment)
    .addHelpText(
      'after',
      examples(
        'target show "Production US East"',
        'target show staging --json',
        'target show staging --at 2026-03-19T14:23:45Z',
      ),
    )
    .action(async (name, { at }) => {
      if (at !== undefined) {
        const then = await cli.api.get(apiPath('targets', name), TargetAsOf, { at });
        return cli.output.result(then, () => printTargetAsOf(cli.output, then));
      }
      const target = await cli.api.get(apiPath('targets', name), TargetDetail);
      cli.output.result(target, () => printTarget(cli.output, target));
    });
}

/** One line a target. */
export function printTargets(output: Output, targets: readonly TargetSummary[]): void {
  const headings = ['Name', 'Environment', 'Type', 'Status', 'Active', 'Latest publish', 'Gateway', 'Id'];
  const rows = targets.map(({ active, latest_publish: latest, ...target }) => [
    target.name,
    target.environment,
    target.type,
    statusText(target),
    active === null ? '' : `${active.project} ${active.version}`,
    latest === null ? '' : `${latest.version} ${output.isTerminal ? inWords(latest.status) : latest.status}`,
    target.gateway_id,
    target.target_id,
  ]);
  output.table(headings, rows, 'no targets; `m3-publish target apply -f FILE` makes them');
}

function statusText({ status, hold, health }: Pick<TargetSummary, 'status' | 'hold' | 'health'>): string {
  const reason = hold?.reason ?? (status === 'unhealthy' ? health?.reason : null);
  return reason ? `${status}: ${reason}` : status;
}

function printTargetAsOf(output: Output, target: TargetAsOf): void {
  output.fields([
    ['Name', target.name],
    ['Id', target.target_id],
    ['As it stood', output.time(target.at)],
    ...stateFields(output, target),
    ...settingFields(output, target),
  ]);
}

function printTarget(output: Output, target: TargetDetail): void {
  const { latest_publish: latest } = target;
  output.fields([
    ['Name', target.name],
    ['Id', target.target_id],
    ...stateFields(output, target),
    [
      'Latest',
      latest === null
        ? 'no publish'
        : `${latest.project} ${latest.version} ${inWords(latest.status)} (${latest.publish_id})`,
    ],
    ...settingFields(output, target),
  ]);
}

type Fields = readonly (readonly [string, string])[];

function stateFields(output: Output, target: TargetAsOf | TargetDetail): Fields {
  const { active, hold } = target;
  return [
    ['Status', statusText(target)],
    ...(hold === null ? [] : [['Held', `by ${hold.by} since ${output.time(hold.since)}: ${hold.reason}`] as const]),
    ['Active', active === null ? 'nothing' : `${active.project} ${active.version} since ${output.time(active.since)}`],
    ['Before', active?.previous_version ?? 'nothing'],
  ];
}

function settingFields(
  output: Output,
  { database, document, revision, changed_at }: TargetAsOf | TargetDetail,
): Fields {
  return [
    ['Database', `${database.host}:${database.port}/${database.name}, schema ${document.schema}`],
    ['Revision', `${revision}, changed ${output.time(changed_at)}`],
    ...documentFields('', document),
  ];
}

function documentFields(prefix: string, document: object): Fields {
  return Object.entries(document).flatMap(([name, value]: [string, unknown]) => {
    const field = `${prefix}${name}`;
    const isBlock = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isBlock ? documentFields(`${field}.`, value) : [[field, valueText(value)] as const];
  });
}

function valueText(value: unknown): string {
  if (Array.isArray(value)) return value.map(valueText).join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
