import { TargetsApplied } from '@m3/contracts';
import { ApiProblem } from '../api/api-errors.js';
import type { Cli } from '../cli.js';
import { CliError } from '../cli-error.js';
import { diffLines } from '../output/target-diff.js';
import { readTargetFiles, type TargetSource } from '../release/target-files.js';
import type { CommandGroup } from '../root-command.js';
import { examples } from './examples.js';
import { collected } from './option-values.js';

interface Options {
  readonly file: readonly string[];
  readonly dryRun?: true | undefined;
  readonly yes?: true | undefined;
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
    .addHelpText(
      'after',
      examples(
        'target apply -f targets.yaml',
        'target apply -f us-east.json -f eu-west.json --yes',
        'target apply -f targets.yaml --dry-run',
      ),
    )
    .action(async (options) => apply(cli, options));
}

async function apply(cli: Cli, options: Options): Promise<void> {
  const { output } = cli;
  const sources = await readTargetFiles(options.file, cli.surroundings);
  const plan = await send(cli, sources, true);
  const changes = plan.targets.filter(({ outcome }) => outcome !== 'unchanged');
  if (!output.json) for (const { text, tone } of diffLines(plan.targets)) output.line(text, tone);
  if (options.dryRun === true || changes.length === 0) {
    output.result(plan, () => output.note(changes.length === 0 ? 'nothing to change' : 'dry run: nothing was changed'));
    return;
  }
  if (cli.isInteractive && options.yes !== true)
    await cli.confirm(`Apply to ${changes.length} of ${plan.targets.length} targets?`);
  const applied = await send(cli, sources, false);
  output.result(applied, () => {
    for (const { name, outcome, target_id } of applied.targets) output.line(`${name}: ${outcome} (${target_id})`);
  });
}

async function send(cli: Cli, sources: readonly TargetSource[], dryRun: boolean): Promise<TargetsApplied> {
  const body = { targets: sources.map(({ document }) => document) };
  const key = dryRun ? undefined : cli.idempotencyKey;
  try {
    return await cli.api.post('targets', TargetsApplied, { query: { dry_run: dryRun }, body, idempotencyKey: key });
  } catch (error) {
    throw error instanceof ApiProblem ? located(error, sources) : error;
  }
}

/** The gateway counts the documents of the request; people know files and names. */
function located(problem: ApiProblem, sources: readonly TargetSource[]): CliError {
  const [, index = '', field = ''] = /^\/?targets[/.](\d+)[/.]?(.*)$/.exec(problem.field ?? '') ?? [];
  const source = sources[Number(index)];
  if (index === '' || source === undefined) return problem;
  const message = problem.message.replaceAll(`/targets/${index}/`, '');
  const { remedy, exitCode } = problem;
  const details = { field, exitCode, ...(remedy === undefined ? {} : { remedy }) };
  return new CliError(problem.code, `${source.label}: ${message}`, details);
}
