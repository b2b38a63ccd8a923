import { EmergencyList, type EmergencyView } from '@m3/contracts';
import type { Cli } from '../cli.js';
import { duration } from '../output/text.js';
import { commandGroup, type Program } from '../root-command.js';
import { inWords } from '../watch/steps.js';
import { examples } from './examples.js';
import { moment } from './option-values.js';

/** `emergency report`: who went past gates and approvals, why, and what came of it. */
export function registerEmergency(parent: Program, cli: Cli): void {
  commandGroup(parent, 'emergency', 'publishes that went past gates and approvals')
    .command('report')
    .description('report the emergency publishes of a span of time')
    .option('--from <time>', 'first moment, ISO 8601', moment)
    .option('--to <time>', 'end, ISO 8601; not included', moment)
    .addHelpText('after', examples('emergency report --from 2026-01-01T00:00:00Z --to 2026-04-01T00:00:00Z'))
    .action(async ({ from, to }) => {
      const report = await cli.api.get('emergencies', EmergencyList, { from, to });
      cli.output.result(report, () => {
        const headings = ['Declared', 'By', 'What', 'Target', 'Why', 'Skipped', 'Took', 'Outcome', 'Review', 'Publish'];
        cli.output.table(
          headings,
          report.items.map((each) => row(cli, each)),
          'no emergencies',
        );
      });
    });
}

function row({ output }: Cli, emergency: EmergencyView): string[] {
  const { review, reviewed_by, findings } = emergency;
  return [
    output.time(emergency.declared_at),
    emergency.declared_by,
    `${emergency.project} ${emergency.version}`,
    emergency.target_name,
    emergency.justification ?? '',
    emergency.skipped.join(', '),
    emergency.duration_ms === null ? '' : duration(emergency.duration_ms),
    inWords(emergency.outcome),
    review === 'closed' ? `${reviewed_by ?? ''}: ${findings ?? ''}` : inWords(review),
    emergency.publish_id,
  ];
}
