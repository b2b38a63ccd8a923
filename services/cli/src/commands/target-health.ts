import { TargetHealth, TargetProbe } from '@m3/contracts';
import { apiPath } from '../api/api-client.js';
import type { Cli } from '../cli.js';
import { exitCodes } from '../exit-codes.js';
import type { CommandGroup } from '../root-command.js';
import { examples } from './examples.js';

/** `target check NAME` and `target health NAME`: whether gateway and database answer. */
export function registerTargetHealth(group: CommandGroup, cli: Cli): void {
  group
    .command('check')
    .description('probe a target now: latencies of gateway and database, and what fails (exit code 1)')
    .argument('<name-or-id>')
    .addHelpText('after', examples('target check staging'))
    .action(async (name) => {
      const options = { body: {}, idempotencyKey: cli.idempotencyKey };
      const probe = await cli.api.post(apiPath('targets', name, 'check'), TargetProbe, options);
      cli.output.result(probe, () => printProbe(cli, name, probe));
      if (!probe.healthy) cli.exitCode = exitCodes.failed;
    });
  group
    .command('health')
    .description('show the health of a target, with the probes of the last time')
    .argument('<name-or-id>')
    .addHelpText('after', examples('target health staging', 'target health staging --json'))
    .action(async (name) => {
      const health = await cli.api.get(apiPath('targets', name, 'health'), TargetHealth);
      cli.output.result(health, () => printHealth(cli, name, health));
    });
}

function printProbe({ output }: Cli, name: string, probe: TargetProbe): void {
  output.line(`${name}: ${probe.healthy ? 'healthy' : 'not healthy'}`, probe.healthy ? 'good' : 'bad');
  output.fields([
    ['Gateway', latency(probe.gateway_latency_ms)],
    ['Database', latency(probe.database_latency_ms)],
    ...probe.faults.map(({ code, message }) => ['Fails', `${message} (${code})`] as const),
  ]);
}

function printHealth({ output }: Cli, name: string, health: TargetHealth): void {
  const next = health.next_probe_at === null ? 'disabled, not probed' : `next ${output.time(health.next_probe_at)}`;
  output.note(`${name}: ${health.status}, every ${health.interval_seconds} s, ${next}`);
  const rows = health.probes.map((probe) => [
    output.time(probe.at),
    probe.healthy ? 'healthy' : 'failed',
    latency(probe.gateway_latency_ms),
    latency(probe.database_latency_ms),
    probe.faults.map(({ message }) => message).join(' '),
  ]);
  output.table(['At', 'Result', 'Gateway', 'Database', 'What failed'], rows, 'not probed yet');
}

function latency(milliseconds: number | null): string {
  return milliseconds === null ? 'no answer' : `${milliseconds.toFixed(1)} ms`;
}
