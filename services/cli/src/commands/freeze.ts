import { Option } from '@commander-js/extra-typings';
import { FreezeAccepted, FreezeList, FreezeStatus, type FreezeView } from '@m3/contracts';
import { apiPath } from '../api/api-client.js';
import type { Cli } from '../cli.js';
import { type CommandGroup, commandGroup, type Program } from '../root-command.js';
import { inWords } from '../watch/steps.js';
import { examples } from './examples.js';
import { freezeDeclaration } from './freeze-declaration.js';
import { positiveInteger } from './option-values.js';

const statuses = FreezeStatus.anyOf.map((status) => status.const);

/** `freeze list|declare|lift`: when publishing is forbidden. */
export function registerFreeze(parent: Program, cli: Cli): void {
  const group = commandGroup(parent, 'freeze', 'when publishing is forbidden: list freezes, declare and lift them');
  registerList(group, cli);
  registerDeclare(group, cli);
  group
    .command('lift')
    .description('lift a freeze for good; publishes that wait for it go on')
    .argument('<freeze-id>')
    .requiredOption('--reason <text>', 'why; kept in the log')
    .addHelpText('after', examples('freeze lift frz_0196… --reason "the books are closed"'))
    .action(async (id, { reason }) => {
      const options = { body: { reason }, idempotencyKey: cli.idempotencyKey };
      const reply = await cli.api.post(apiPath('freezes', id, 'lift'), FreezeAccepted, options);
      cli.output.result(reply, () => cli.output.line(`${reply.freeze_id}: lifted`));
    });
}

function registerList(group: CommandGroup, cli: Cli): void {
  group
    .command('list')
    .description('list freezes, the newest first')
    .addOption(new Option('-s, --status <status>', 'which ones').choices(statuses))
    .addHelpText('after', examples('freeze list', 'freeze list --status in_force'))
    .action(async ({ status }) => {
      const list = await cli.api.get('freezes', FreezeList, { status });
      cli.output.result(list, () => {
        const rows = list.items.map((freeze) => [
          inWords(freeze.status),
          scopeText(freeze),
          periodText(cli, freeze),
          freeze.reason,
          freeze.declared_by,
          freeze.freeze_id,
        ]);
        cli.output.table(['Status', 'Concerns', 'When', 'Reason', 'By', 'Id'], rows, 'no freezes');
      });
    });
}

function registerDeclare(group: CommandGroup, cli: Cli): void {
  group
    .command('declare')
    .description('forbid publishing: from one time to another, or again and again')
    .requiredOption('--reason <text>', 'why; shown to everybody who waits')
    .option('--environment <name>', 'for one environment only')
    .option('-t, --target <name-or-id>', 'for one target only')
    .option('--from <time>', 'first moment, ISO 8601; without it: now')
    .option('--to <time>', 'end, ISO 8601; without it: until it is lifted')
    .option('--cron <fields>', 'when it begins, again and again: minute hour day month weekday')
    .option('--minutes <count>', 'with --cron: how long each time', positiveInteger)
    .option('--timezone <name>', 'with --cron: on whose clocks, e.g. Europe/Berlin')
    .option('--override-role <role...>', 'who may publish all the same (default: admin)')
    .addHelpText(
      'after',
      examples(
        'freeze declare --reason "end of quarter" --environment production --from 2026-03-30T00:00:00Z --to 2026-04-02T00:00:00Z',
        'freeze declare --reason "no Friday nights" --cron "0 18 * * fri" --minutes 3600 --timezone Europe/Berlin',
        'freeze declare --reason "incident 4711" --target "Production US East" --override-role admin maintainer',
      ),
    )
    .action(async (options) => {
      const body = freezeDeclaration(options, new Date());
      const reply = await cli.api.post('freezes', FreezeAccepted, { body, idempotencyKey: cli.idempotencyKey });
      cli.output.result(reply, () => {
        cli.output.line(`${reply.freeze_id}: declared`);
        cli.output.note(`  → m3-publish freeze lift ${reply.freeze_id} --reason …`);
      });
    });
}

function scopeText({ scope }: FreezeView): string {
  if (scope.kind === 'global') return 'everything';
  return scope.kind === 'environment' ? `environment ${scope.environment}` : scope.target_name;
}

function periodText({ output }: Cli, { period, in_force, next_at }: FreezeView): string {
  if (in_force) return `until ${in_force.until === null ? 'it is lifted' : output.time(in_force.until)}`;
  if (next_at !== null) return `from ${output.time(next_at)}`;
  return 'cron' in period
    ? `${period.cron} ${period.timezone}`
    : `${output.time(period.from)} – ${output.time(period.to)}`;
}
