import { TargetsApplied } from '@m3/contracts';
import { ApiProblem } from '../api/api-errors.js';
import type { Cli } from '../cli.js';
import { located } from '../output/located.js';
import { diffLines } from '../output/target-diff.js';
import { readTargetFiles, type TargetSource } from '../release/target-files.js';
import type { CommandGroup } from '../root-command.js';
import { examples } from './examples.js';
import { collected, positiveInteger } from './option-values.js';

interface Options {
  readonly file: readonly string[];
  readonly dryRun?: true | undefined;
  readonly yes?: true | undefined;
  readonly ifMatch?: number | undefined;
}

/** `target apply -f FILE…`: shows what would change, then changes it. */
export function registerTargetApply(group: CommandGroup, cli: Cli): void {
  group
    .command('apply')
    .description('create or change targets from JSON or YAML; shows what changes before it applies')
    .requiredOption(
      '-f, --file <file>',
      'JSON or YAML with one target, a list, or {"targets": […]}; - reads stdin; repeatable',
      collected,
    )
    .option('--dry-run', 'only show what would change')
    .option('-y, --yes', 'do not ask')
    .option(
      '--if-match <revision>',
      'only if the target is still at this revision (see `target show`); one document only',
      positiveInteger,
    )
    .addHelpText(
      'after',
      examples(
        'target apply -f targets.yaml',
        'target apply -f us-east.json -f eu-west.json --yes',
        'target apply -f targets.yaml --dry-run',
        'target apply -f us-east.json --if-match 7',
      ) + exitCodesOfApply,
    )
    .action(async (options) => apply(cli, options));
}

const exitCodesOfApply = `
Exit codes: 0 applied, or nothing to change, or a dry run; 1 refused (documents at fault, changed meanwhile) or not
confirmed; 2 a file that cannot be read; 3 not allowed; 4 the outcome is unknown.`;

async function apply(cli: Cli, options: Options): Promise<void> {
  const { output } = cli;
  const sources = await readTargetFiles(options.file, cli.surroundings);
  const plan = await send(cli, sources, { dryRun: true, ifMatch: options.ifMatch });
  const changes = plan.targets.filter(({ outcome }) => outcome !== 'unchanged');
  if (!output.json) for (const { text, tone } of diffLines(plan.targets)) output.line(text, tone);
  if (options.dryRun === true || changes.length === 0) {
    output.result(plan, () => output.note(changes.length === 0 ? 'nothing to change' : 'dry run: nothing was changed'));
    return;
  }
  if (cli.isInteractive && options.yes !== true)
    await cli.confirm(`Apply to ${changes.length} of ${plan.targets.length} targets?`);
  const applied = await send(cli, sources, { dryRun: false, ifMatch: options.ifMatch });
  output.result(applied, () => {
    for (const { name, outcome, target_id, revision } of applied.targets)
      output.line(`${name}: ${outcome} (${target_id}${revision === null ? '' : `, revision ${revision}`})`);
  });
}

interface Sending {
  readonly dryRun: boolean;
  readonly ifMatch: number | undefined;
}

async function send(cli: Cli, sources: readonly TargetSource[], { dryRun, ifMatch }: Sending): Promise<TargetsApplied> {
  const body = { targets: sources.map(({ document }) => document) };
  const idempotencyKey = dryRun ? undefined : cli.idempotencyKey;
  try {
    return await cli.api.post('targets', TargetsApplied, { query: { dry_run: dryRun }, body, idempotencyKey, ifMatch });
  } catch (error) {
    throw error instanceof ApiProblem ? new ApiProblem(located(error.problem, sources)) : error;
  }
}
