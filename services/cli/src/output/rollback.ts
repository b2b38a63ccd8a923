import type { RollbackPlan } from '@m3/contracts';
import { type ChangeLine, changeLines, countsText } from './changes.js';

/** What a rollback would do, for people. */
export function rollbackLines(plan: RollbackPlan, time: (iso: string) => string): readonly ChangeLine[] {
  const { target_name, from, to, backup, takes_over, vetoed } = plan;
  const old = from === null ? 'nothing' : `${from.project} ${from.version}`;
  return [
    { text: `Rollback of ${target_name}: ${old} → ${to.project} ${to.version}`, tone: 'strong' },
    { text: `  backup ${backup.name} (${backup.backup_id}), taken ${time(backup.taken_at)}`, tone: 'plain' },
    ...takes_over.map(({ publish_id, version, status }): ChangeLine => ({
      text: `  ! stops ${publish_id} (${version}, ${status.replaceAll('_', ' ')})`,
      tone: 'warning',
    })),
    ...comparisonLines(plan),
    { text: '  holds the target: automatic publishes wait until it is released', tone: 'plain' },
    ...vetoed.map(({ project, version }): ChangeLine => ({ text: `  vetoes ${project} ${version}`, tone: 'plain' })),
  ];
}

function comparisonLines({ comparison }: RollbackPlan): ChangeLine[] {
  const { condition, reason, changes, equal } = comparison;
  const isBad = condition !== 'ok' && condition !== 'unknown';
  const bad: ChangeLine[] = isBad ? [{ text: `  ✗ the backup is ${condition}: ${reason ?? ''}`, tone: 'bad' }] : [];
  if (changes === null) {
    const why = !isBad && reason !== null ? `: ${reason}` : '';
    return [...bad, { text: `  what would change is not known${why}`, tone: 'warning' }];
  }
  if (equal === true) return [{ text: '  the target equals the backup already', tone: 'faint' }];
  return [{ text: `  changes: ${countsText(changes)}`, tone: 'strong' }, ...changeLines(changes, '    ')];
}
