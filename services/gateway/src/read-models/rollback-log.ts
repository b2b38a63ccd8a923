import { quoted, says } from './log-lines.js';
import { tells, type Tellings } from './telling.js';

/** What rollbacks that somebody asked for have to say. */
export const rollbackTellings: Tellings = {
  RollbackRequested: tells(null, '•', ({ target, from, project, version, requested_by, reason }) => {
    const old = from === null ? 'nothing' : `${from.project} ${from.version}`;
    return `Rollback of ${target.name} from ${old} to ${project} ${version} requested by ${requested_by}: ${reason}`;
  }),
  BackupCheckRequested: tells('checking_backup', '•', () => 'The backup is looked at before anything is changed'),
  BackupChecked: {
    step: 'checking_backup',
    tell: (event) => {
      const { outcome, reason } = event.data;
      if (outcome === 'ok') return [says(event, '✓', 'The backup is as it was written')];
      return [says(event, '✗', `The backup is ${outcome}: ${reason ?? ''}`)];
    },
  },
  RoutingStopRequested: tells('stopping_routing', '•', () => 'New executions are stopped'),
  RoutingStopped: {
    step: 'stopping_routing',
    tell: (event) => {
      const { outcome, reason, log } = event.data;
      const mark = outcome === 'stopped' || outcome === 'nothing_active' ? '✓' : '!';
      const text = outcome === 'stopped' ? 'New executions stopped' : (reason ?? 'Nothing is active');
      return [...quoted(log), says(event, mark, text)];
    },
  },
  RollbackRestoreRequested: tells('restoring_backup', '•', () => 'The backup is restored'),
  ReactivationRequested: tells('activating', '•', () => 'The gateway is told'),
  VersionReactivated: {
    step: 'activating',
    tell: (event) => [...quoted(event.data.log), says(event, '✓', `Active again: ${event.data.version}`)],
  },
};
