import { TargetAccepted } from '@m3/contracts';
import { apiPath } from '../api/api-client.js';
import type { Cli } from '../cli.js';
import type { CommandGroup } from '../root-command.js';
import { examples } from './examples.js';

/** `target enable|disable|hold|release NAME`. */
export function registerTargetSwitches(group: CommandGroup, cli: Cli): void {
  group
    .command('enable')
    .description('let a target be published to')
    .argument('<name-or-id>')
    .addHelpText('after', examples('target enable staging'))
    .action(async (name) => change(cli, name, 'enable', {}));
  group
    .command('disable')
    .description('refuse publishes to a target')
    .argument('<name-or-id>')
    .addHelpText('after', examples('target disable staging'))
    .action(async (name) => change(cli, name, 'disable', {}));
  group
    .command('hold')
    .description('stop automatic publishes to a target: they wait, and the newest goes on after the release')
    .argument('<name-or-id>')
    .requiredOption('--reason <text>', 'why; shown in every list')
    .addHelpText('after', examples('target hold staging --reason "load test until Friday"'))
    .action(async (name, { reason }) => change(cli, name, 'hold', { reason }));
  group
    .command('release')
    .description('lift a hold')
    .argument('<name-or-id>')
    .requiredOption('--reason <text>', 'why; kept in the log')
    .addHelpText('after', examples('target release staging --reason "load test done"'))
    .action(async (name, { reason }) => change(cli, name, 'release', { reason }));
}

const done = { enable: 'enabled', disable: 'disabled', hold: 'held', release: 'released' } as const;

async function change(cli: Cli, name: string, how: keyof typeof done, body: object): Promise<void> {
  const options = { body, idempotencyKey: cli.idempotencyKey };
  const reply = await cli.api.post(apiPath('targets', name, how), TargetAccepted, options);
  cli.output.result(reply, () => cli.output.line(`${name}: ${done[how]}`));
}
