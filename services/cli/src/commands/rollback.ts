import { RollbackAccepted, RollbackPlan } from '@m3/contracts';
import { apiPath } from '../api/api-client.js';
import type { Cli } from '../cli.js';
import { CliError } from '../cli-error.js';
import { type ExitCode, exitCodes } from '../exit-codes.js';
import { rollbackLines } from '../output/rollback.js';
import type { Program } from '../root-command.js';
import { watchToTheEnd } from '../watch/watch-command.js';
import { examples } from './examples.js';
import { waitingTime } from './option-values.js';

interface Options {
  readonly target?: string | undefined;
  readonly to?: string | undefined;
  readonly reason?: string | undefined;
  readonly plan?: true | undefined;
  readonly watch?: true | undefined;
  readonly timeout?: number | undefined;
  readonly yes?: true | undefined;
}

/** `rollback PUBLISH_ID` or `rollback --target NAME [--to VERSION]`: shows what would come back, asks, and does it. */
export function registerRollback(parent: Program, cli: Cli): void {
  parent
    .command('rollback')
    .description('roll a target back to its previous version, or to any that was active there; shows the plan first')
    .argument('[publish-id]', 'undo this publish, whether it still runs or has ended')
    .option('-t, --target <name-or-id>', 'the target to roll back')
    .option('--to <version>', 'with --target: the version that should come back')
    .option('--reason <text>', 'why; kept in the log, and told to people')
    .option('--plan', 'only show what it would do')
    .option('--watch', 'follow it to its end; the exit code says how')
    .option('--timeout <time>', 'with --watch: stop waiting after a time such as 2m (exit code 5)', waitingTime)
    .option('-y, --yes', 'do not ask')
    .addHelpText(
      'after',
      examples(
        'rollback --target Production --plan',
        'rollback --target Production --reason "invoices without totals" --watch',
        'rollback --target Production --to v1.1.0 --reason "v1.2.0 is bad too" --yes',
        'rollback pub_0196… --reason "wrong version"',
      ),
    )
    .action(async (publishId, options) => {
      cli.exitCode = await rollback(cli, publishId, options);
    });
}

async function rollback(cli: Cli, publishId: string | undefined, options: Options): Promise<ExitCode> {
  const path = pathOf(publishId, options);
  const { to, reason } = options;
  const wish = to === undefined ? {} : { to };
  if (options.plan !== true && reason === undefined)
    throw missing('reason', 'a rollback needs a reason', '--reason TEXT');
  const plan = await cli.api.post(`${path}/plan`, RollbackPlan, { body: wish });
  if (options.plan === true) {
    cli.output.result(plan, () => show(cli, plan));
    return exitCodes.ok;
  }
  if (!cli.output.json) show(cli, plan);
  if (options.yes !== true && cli.isInteractive) await cli.confirm(`Roll ${plan.target_name} back?`);
  const body = { ...wish, reason, expected_backup_id: plan.backup.backup_id };
  const accepted = await cli.api.post(path, RollbackAccepted, { body, idempotencyKey: cli.idempotencyKey });
  return follow(cli, accepted, options);
}

async function follow(cli: Cli, accepted: RollbackAccepted, { watch, timeout }: Options): Promise<ExitCode> {
  const { output } = cli;
  const { publish_id, version } = accepted;
  if (output.json && watch === true) output.jsonLine({ rollback: accepted });
  else
    output.result(accepted, () => {
      output.line(`rollback to ${version}: requested as ${publish_id}`);
      if (watch !== true) output.note(`  → m3-publish watch ${publish_id}`);
    });
  return watch === true ? watchToTheEnd(cli, { ids: [publish_id], timeout, appearsWithin: 10_000 }) : exitCodes.ok;
}

function show({ output }: Cli, plan: RollbackPlan): void {
  for (const { text, tone } of rollbackLines(plan, (iso) => output.time(iso))) output.line(text, tone);
}

function pathOf(publishId: string | undefined, { target, to }: Options): string {
  if ((publishId === undefined) === (target === undefined))
    throw missing('target', 'name the target, or the publish that should be undone', '--target NAME or a publish id');
  if (publishId === undefined) return apiPath('targets', target ?? '', 'rollback');
  if (to !== undefined)
    throw new CliError('to_not_allowed', 'a publish is undone to what it found', {
      ...{ field: 'to', remedy: 'give --target NAME with --to' },
    });
  return apiPath('publishes', publishId, 'rollback');
}

function missing(field: string, detail: string, remedy: string): CliError {
  return new CliError(`${field}_missing`, detail, { field, remedy: `give ${remedy}` });
}
