import { setTimeout as delay } from 'node:timers/promises';
import { VerificationAccepted, VerificationView } from '@m3/contracts';
import { apiPath } from '../api/api-client.js';
import { CliError } from '../cli-error.js';
import type { Cli } from '../cli.js';
import { exitCodes } from '../exit-codes.js';
import { counted } from '../output/text.js';
import type { CommandGroup } from '../root-command.js';
import { examples } from './examples.js';
import { waitingTime } from './option-values.js';

interface Options {
  readonly target?: string | undefined;
  readonly all?: true | undefined;
  readonly timeout: number;
}

/** `backup verify NAME`, `backup verify --target T`, `backup verify --all`. */
export function registerBackupVerify(group: CommandGroup, cli: Cli): void {
  group
    .command('verify')
    .description('look at stored backups: is each as it was written? Exit code 1 if one is not')
    .argument('[name-or-id]', 'one backup')
    .option('-t, --target <name-or-id>', 'all of one target')
    .option('--all', 'all of every target')
    .option('--timeout <time>', 'how long to wait for the result', waitingTime, 600_000)
    .addHelpText(
      'after',
      examples(
        'backup verify backup-production-20260319-142345',
        'backup verify --target staging',
        'backup verify --all',
      ),
    )
    .action(async (backup, options) => verify(cli, backup, options));
}

async function verify(cli: Cli, backup: string | undefined, { timeout, ...which }: Options): Promise<void> {
  const [path, body] = asked(backup, which);
  const options = { body, idempotencyKey: cli.idempotencyKey };
  const { verification_id } = await cli.api.post(path, VerificationAccepted, options);
  const result = await followed(cli, verification_id, timeout);
  cli.output.result(result, () => printResult(cli, result));
  if (result.done < result.total) cli.exitCode = exitCodes.waiting;
  else if (result.outcomes.ok < result.total) cli.exitCode = exitCodes.failed;
}

function asked(backup: string | undefined, { target, all }: Omit<Options, 'timeout'>): [path: string, body: object] {
  const given = [backup, target, all].filter((each) => each !== undefined);
  if (given.length !== 1)
    throw new CliError('which_backups', 'name one backup, or give either --target or --all', { field: 'backup' });
  return backup === undefined
    ? ['backups/verify', target === undefined ? {} : { target }]
    : [apiPath('backups', backup, 'verify'), {}];
}

/** Looks again and again until all have been looked at, or time is up; says on the way how far it is. */
async function followed({ api, output }: Cli, id: string, timeout: number): Promise<VerificationView> {
  const until = Date.now() + timeout;
  let said = 0;
  for (let pause = 50; ; pause = Math.min(pause * 2, 1_000)) {
    const view = await api.get(apiPath('backups', 'verifications', id), VerificationView);
    if (view.done >= view.total || Date.now() >= until) return view;
    if (view.done > said) output.note(`${view.done} of ${view.total} looked at`);
    said = view.done;
    await delay(pause);
  }
}

function printResult({ output }: Cli, { total, done, outcomes, faults }: VerificationView): void {
  for (const { backup_id, outcome, reason } of faults) output.line(`${backup_id}: ${outcome}: ${reason}`, 'bad');
  const bad = Object.entries(outcomes).flatMap(([outcome, count]) =>
    outcome === 'ok' || count === 0 ? [] : [`${count} ${outcome}`],
  );
  const rest = done < total ? [`${total - done} not looked at yet`] : [];
  const parts = [`${outcomes.ok} as they were written`, ...bad, ...rest];
  output.line(`${counted(total, 'backup')}: ${parts.join(', ')}`, bad.length + rest.length > 0 ? 'bad' : 'good');
}
