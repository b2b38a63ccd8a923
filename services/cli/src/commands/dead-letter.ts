import { Option } from '@commander-js/extra-typings';
import {
  DeadLetterAccepted,
  DeadLetterList,
  DeadLetterMessage,
  DeadLettersReplayed,
  DeadLetterStatus,
  DeadLetterView,
} from '@m3/contracts';
import { allPages } from '../api/all-pages.js';
import { apiPath } from '../api/api-client.js';
import type { Cli } from '../cli.js';
import { CliError } from '../cli-error.js';
import { type ExitCode, exitCodes } from '../exit-codes.js';
import { counted } from '../output/text.js';
import { type CommandGroup, commandGroup, type Program } from '../root-command.js';
import { examples } from './examples.js';
import { positiveInteger } from './option-values.js';

const statuses = DeadLetterStatus.anyOf.map((status) => status.const);

/** `dead-letter list|show|replay|discard`: messages that could not be handled. */
export function registerDeadLetter(parent: Program, cli: Cli): void {
  const group = commandGroup(parent, 'dead-letter', 'messages that could not be handled: look at them, settle them');
  registerList(group, cli);
  group
    .command('show')
    .description('show one message: where it came from, why it was refused, and what it says (without secrets)')
    .argument('<id>', 'dead-letter id (dlq_…)')
    .addHelpText('after', examples('dead-letter show dlq_0196…'))
    .action(async (id) => {
      const letter = await cli.api.get(apiPath('dead-letters', id), DeadLetterView);
      const message = await cli.api.get(apiPath('dead-letters', id, 'message'), DeadLetterMessage);
      cli.output.result({ ...letter, message }, () => printLetter(cli, letter, message));
    });
  group
    .command('replay')
    .description('hand messages in again, after their cause was put right; one that fails again is open again')
    .argument('[id]', 'dead-letter id (dlq_…)')
    .option('--code <code>', 'all open messages of this reason')
    .option('--consumer <consumer>', 'all open messages that this consumer gave up on')
    .addHelpText('after', examples('dead-letter replay dlq_0196…', 'dead-letter replay --code not_json'))
    .action(async (id, which) => {
      if ((id === undefined) === (which.code === undefined && which.consumer === undefined)) throw noLetters();
      if (id === undefined) cli.exitCode = await replayAll(cli, which);
      else await settle(cli, id, 'replay', {});
    });
  group
    .command('discard')
    .description('settle a message without handling it; it stays in the log')
    .argument('<id>', 'dead-letter id (dlq_…)')
    .requiredOption('--reason <text>', 'why; kept in the log')
    .addHelpText('after', examples('dead-letter discard dlq_0196… --reason "a test message"'))
    .action(async (id, { reason }) => settle(cli, id, 'discard', { reason }));
}

function registerList(group: CommandGroup, cli: Cli): void {
  group
    .command('list')
    .description('list messages that could not be handled, newest first')
    .addOption(new Option('-s, --status <status>', 'which ones').choices(statuses).default('open'))
    .option('--code <code>', 'of one reason, e.g. not_json')
    .option('--consumer <consumer>', 'that one consumer gave up on')
    .option('-n, --limit <count>', 'how many at most', positiveInteger, 50)
    .addHelpText('after', examples('dead-letter list --code not_json', 'dead-letter list --status replayed --json'))
    .action(async ({ limit, ...which }) => {
      const items = await allPages(limit, (page) => cli.api.get('dead-letters', DeadLetterList, { ...which, ...page }));
      cli.output.result({ items }, () => {
        const headings = ['Recorded', 'Subject', 'Consumer', 'Code', 'Reason', 'Attempts', 'Id'];
        const rows = items.map((letter) => [
          cli.output.time(letter.recorded_at),
          letter.subject,
          letter.consumer,
          letter.code,
          letter.reason,
          String(letter.attempts),
          letter.dead_letter_id,
        ]);
        cli.output.table(headings, rows, `no ${which.status} dead letters`);
      });
    });
}

function printLetter({ output }: Cli, letter: DeadLetterView, message: DeadLetterMessage): void {
  const settled = [letter.settled_by, output.time(letter.settled_at), letter.settled_reason].filter((part) => part);
  output.fields([
    ['Id', letter.dead_letter_id],
    ['Status', letter.status],
    ['Reason', `${letter.reason} (${letter.code})`],
    ...(letter.field === null ? [] : [['Field', letter.field] as const]),
    ['Subject', letter.subject],
    ['Came by', `${letter.origin}, ${letter.consumer}`],
    ['Event id', letter.event_id ?? 'unknown'],
    ['Attempts', attemptsText(letter)],
    ['Recorded', output.time(letter.recorded_at)],
    ['Size', `${letter.bytes} bytes, ${letter.sha256}`],
    ...(settled.length === 0 ? [] : [['Settled', settled.join(', ')] as const]),
  ]);
  output.line('');
  for (const line of message.text.split('\n')) output.line(line.replaceAll('\t', '  '));
  if (!message.complete) output.note(`only the beginning of ${message.bytes} bytes is shown`);
}

function attemptsText({ attempts, failed_replays }: DeadLetterView): string {
  return failed_replays === 0 ? String(attempts) : `${attempts}, ${counted(failed_replays, 'replay')} failed too`;
}

interface WhichLetters {
  readonly code?: string | undefined;
  readonly consumer?: string | undefined;
}

function noLetters(): CliError {
  const remedy = 'give an id, or --code or --consumer; `m3-publish dead-letter list` shows them';
  return new CliError('letters_missing', 'say which messages: one, or all of a reason', { field: 'id', remedy });
}

async function replayAll(cli: Cli, which: WhichLetters): Promise<ExitCode> {
  const options = { body: which, idempotencyKey: cli.idempotencyKey };
  const reply = await cli.api.post('dead-letters/replay', DeadLettersReplayed, options);
  const { replayed, refused, more } = reply;
  cli.output.result(reply, () => {
    for (const id of replayed) cli.output.line(`${id}: handed in again`);
    for (const { dead_letter_id, problem } of refused)
      cli.output.line(`${dead_letter_id}: refused: ${problem.detail}`, 'bad');
    if (replayed.length + refused.length === 0) cli.output.note('no open message is one of these');
    if (more) cli.output.note('there are more of them: repeat the command');
  });
  return refused.length > 0 ? exitCodes.failed : exitCodes.ok;
}

async function settle(cli: Cli, id: string, how: 'replay' | 'discard', body: object): Promise<void> {
  const options = { body, idempotencyKey: cli.idempotencyKey };
  const reply = await cli.api.post(apiPath('dead-letters', id, how), DeadLetterAccepted, options);
  cli.output.result(reply, () =>
    cli.output.line(`${reply.dead_letter_id}: ${how === 'replay' ? 'handed in again' : 'discarded'}`),
  );
}
