import { Option } from '@commander-js/extra-typings';
import { DeadLetterAccepted, DeadLetterList, DeadLetterStatus, DeadLetterView } from '@m3/contracts';
import { allPages } from '../api/all-pages.js';
import { apiPath } from '../api/api-client.js';
import type { Cli } from '../cli.js';
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
    .description('show one message: where it came from, and why it was refused')
    .argument('<id>', 'dead-letter id (dlq_…)')
    .addHelpText('after', examples('dead-letter show dlq_0196…'))
    .action(async (id) => {
      const letter = await cli.api.get(apiPath('dead-letters', id), DeadLetterView);
      cli.output.result(letter, () => printLetter(cli, letter));
    });
  group
    .command('replay')
    .description('hand a message in again, after its cause was put right')
    .argument('<id>', 'dead-letter id (dlq_…)')
    .addHelpText('after', examples('dead-letter replay dlq_0196…'))
    .action(async (id) => settle(cli, id, 'replay', {}));
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
    .option('-n, --limit <count>', 'how many at most', positiveInteger, 50)
    .addHelpText('after', examples('dead-letter list', 'dead-letter list --status replayed --json'))
    .action(async ({ status, limit }) => {
      const items = await allPages(limit, (page) => cli.api.get('dead-letters', DeadLetterList, { status, ...page }));
      cli.output.result({ items }, () => {
        const headings = ['Recorded', 'Subject', 'Code', 'Reason', 'Attempts', 'Id'];
        const rows = items.map((letter) => [
          cli.output.time(letter.recorded_at),
          letter.subject,
          letter.code,
          letter.reason,
          String(letter.attempts),
          letter.dead_letter_id,
        ]);
        cli.output.table(headings, rows, `no ${status} dead letters`);
      });
    });
}

function printLetter({ output }: Cli, letter: DeadLetterView): void {
  const settled = [letter.settled_by, output.time(letter.settled_at), letter.settled_reason].filter((part) => part);
  output.fields([
    ['Id', letter.dead_letter_id],
    ['Status', letter.status],
    ['Reason', `${letter.reason} (${letter.code})`],
    ...(letter.field === null ? [] : [['Field', letter.field] as const]),
    ['Subject', letter.subject],
    ['Came by', `${letter.origin}, ${letter.consumer}`],
    ['Event id', letter.event_id ?? 'unknown'],
    ['Attempts', String(letter.attempts)],
    ['Recorded', output.time(letter.recorded_at)],
    ['Size', `${letter.bytes} bytes, ${letter.sha256}`],
    ...(settled.length === 0 ? [] : [['Settled', settled.join(', ')] as const]),
    ['Begins', letter.excerpt],
  ]);
}

async function settle(cli: Cli, id: string, how: 'replay' | 'discard', body: object): Promise<void> {
  const options = { body, idempotencyKey: cli.idempotencyKey };
  const reply = await cli.api.post(apiPath('dead-letters', id, how), DeadLetterAccepted, options);
  cli.output.result(reply, () =>
    cli.output.line(`${reply.dead_letter_id}: ${how === 'replay' ? 'handed in again' : 'discarded'}`),
  );
}
