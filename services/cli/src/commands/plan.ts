import { PublishPlans } from '@m3/contracts';
import type { Cli } from '../cli.js';
import { exitCodes } from '../exit-codes.js';
import { planLines } from '../output/plan.js';
import type { Program } from '../root-command.js';
import { examples } from './examples.js';

/** `plan PROJECT VERSION --target NAME…`: what a publish would do, before anyone asks for it. */
export function registerPlan(parent: Program, cli: Cli): void {
  parent
    .command('plan')
    .description('show what a publish would change, what would hold it up, and who could move it; changes nothing')
    .argument('<project>', 'project, e.g. invoice-pipeline')
    .argument('<version>', 'version, e.g. v1.3.0')
    .requiredOption('-t, --target <name-or-id...>', 'targets to plan for')
    .option('--reason <text>', 'the reason that the publish would be asked for with')
    .option('--override-reason <text>', 'why it should start despite windows and freezes')
    .option('--allow-older', 'allow a version that is older than the active one')
    .addHelpText(
      'after',
      examples(
        'plan invoice-pipeline v1.3.0 --target Production',
        'plan invoice-pipeline v1.3.0 --target "EU West" "US East" --json',
        'plan invoice-pipeline v1.3.1 --target Production --override-reason "fixes the outage"',
      ),
    )
    .action(async (project, version, options) => {
      const body = {
        ...{ project, version, targets: [...new Set(options.target)] },
        ...(options.reason === undefined ? {} : { reason: options.reason }),
        ...(options.overrideReason === undefined ? {} : { override_reason: options.overrideReason }),
        allow_older: options.allowOlder === true,
      };
      const idempotencyKey = cli.idempotencyKey;
      const reply = await cli.api.post('publishes/plan', PublishPlans, { body, idempotencyKey });
      cli.output.result(reply, () => print(cli, reply));
      cli.exitCode = reply.plans.every(goesOn) ? exitCodes.ok : exitCodes.failed;
    });
}

/** A publish that waits is none that fails. */
function goesOn(entry: PublishPlans['plans'][number]): boolean {
  return entry.outcome === 'planned' && entry.plan.outcome !== 'refused' && entry.plan.outcome !== 'fails';
}

function print({ output }: Cli, { project, version, plans }: PublishPlans): void {
  for (const entry of plans) {
    const head = `${project} ${version} → ${entry.target_name}`;
    if (entry.outcome === 'planned') {
      for (const { text, tone } of planLines(head, entry.plan, (iso) => output.time(iso))) output.line(text, tone);
    } else output.line(`${head}: no plan: ${entry.problem.detail}`, 'bad');
  }
}
