import type { NotificationPayload } from './payload.js';

/** What somebody on call is alerted to, and when that is over. */

export interface Alert {
  readonly action: 'trigger' | 'resolve';
  /** The same for everything about one incident, so that there is never a second alert for it. */
  readonly key: string;
  readonly severity: 'critical' | 'error';
}

type Incident = 'emergency' | 'failed' | 'rollback_failed' | 'stuck' | 'late';

const severities: Readonly<Record<Incident, Alert['severity']>> = {
  ...{ emergency: 'critical', rollback_failed: 'critical', stuck: 'critical', failed: 'error', late: 'error' },
};

const begins: Readonly<Record<string, Incident>> = {
  'emergency.started': 'emergency',
  'publish.failed': 'failed',
  'publish.rollback_failed': 'rollback_failed',
  'publish.stuck': 'stuck',
  'service.late': 'late',
};

const ends: Readonly<Record<string, Incident>> = { 'publish.moved_on': 'stuck', 'service.caught_up': 'late' };

/** How a publish ends. What is left to do after a failure is for a person to close. */
const endings: ReadonlySet<string> = new Set(
  ['succeeded', 'failed', 'rejected', 'cancelled', 'superseded', 'rolled_back', 'rollback_failed'].map(
    (ending) => `publish.${ending}`,
  ),
);

/** New alerts come before those that are over: an emergency that failed never looks as if nothing was wrong. */
export function alertsAbout({ type, data }: NotificationPayload): readonly Alert[] {
  const { publish_id, emergency = false } = data;
  const about = publish_id ?? data.incident;
  if (about === undefined) return [];
  const alert = (action: Alert['action'], incident: Incident): Alert => ({
    ...{ action, key: `${about}/${incident}`, severity: severities[incident] },
  });
  const [begun, over] = [begins[type], ends[type]];
  return [
    ...(begun === undefined ? [] : [alert('trigger', begun)]),
    ...(over === undefined ? [] : [alert('resolve', over)]),
    ...(emergency && endings.has(type) ? [alert('resolve', 'emergency')] : []),
  ];
}

const changes: ReadonlySet<string> = new Set(['publish.succeeded', 'publish.rolled_back', 'channel.test']);

/** Whether it is a change of what runs somewhere (or a test, which wakes nobody). */
export const isChange = ({ type }: NotificationPayload): boolean => changes.has(type);
