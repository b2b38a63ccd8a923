import { PublishDraining } from '@m3/contracts';
import { apiPath } from '../api/api-client.js';
import type { Cli } from '../cli.js';
import { type ExitCode, exitCodes } from '../exit-codes.js';
import type { Program } from '../root-command.js';
import { examples } from './examples.js';
import { waitingTime } from './option-values.js';

interface Waiting {
  readonly wait?: boolean | undefined;
  readonly timeout?: number | undefined;
}

/** How often the gateway is asked again. */
const everyMs = 2_000;

/** `draining PUBLISH_ID`: executions that still run on other versions than the active one. */
export function registerDraining(parent: Program, cli: Cli): void {
  parent
    .command('draining')
    .description('show which executions still run on other versions than the active one')
    .argument('<publish-id>')
    .option('--wait', 'ask again until none are left')
    .option('--timeout <time>', 'with --wait: stop waiting after a time such as 10m (exit code 5)', waitingTime)
    .addHelpText('after', examples('draining pub_0196…', 'draining pub_0196… --wait --timeout 10m'))
    .action(async (id, options) => {
      cli.exitCode = await draining(cli, id, options);
    });
}

async function draining(cli: Cli, id: string, options: Waiting): Promise<ExitCode> {
  const seen = options.wait === true ? await waited(cli, id, options.timeout) : await look(cli, id);
  cli.output.result(seen, () => show(cli, seen));
  if (seen.outcome === 'unknown') return exitCodes.unknown;
  return options.wait === true && isLeft(seen) ? exitCodes.waiting : exitCodes.ok;
}

async function waited(cli: Cli, id: string, timeout = Infinity): Promise<PublishDraining> {
  const until = Date.now() + timeout;
  let seen = await look(cli, id);
  while (isLeft(seen) && Date.now() < until) {
    cli.output.note(`${seen.running ?? 0} still running`);
    const pause = Math.min(everyMs, until - Date.now());
    await new Promise((resolve) => setTimeout(resolve, pause));
    seen = await look(cli, id);
  }
  return seen;
}

function look(cli: Cli, id: string): Promise<PublishDraining> {
  return cli.api.get(apiPath('publishes', id, 'draining'), PublishDraining);
}

const isLeft = ({ running }: PublishDraining): boolean => running !== null && running > 0;

function show({ output }: Cli, { target_name, outcome, reason, active_version, executions }: PublishDraining): void {
  if (outcome === 'unknown') return output.line(`${target_name}: unknown: ${reason ?? ''}`, 'warning');
  const left = executions.filter(({ running }) => running > 0);
  if (left.length === 0) return output.line(`${target_name}: all runs on ${active_version ?? 'nothing'}`, 'good');
  for (const { version, running } of left) output.line(`${target_name}: ${running} still on ${version}`);
}
