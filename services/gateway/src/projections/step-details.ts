import type { CheckResult, EventData } from '@m3/contracts';

/** What steps came to, in a few words. */

export function notPassed(checks: readonly CheckResult[]): string {
  const bad = checks.filter(({ outcome }) => outcome !== 'passed');
  return bad.map(({ name, message }) => `${name}: ${message}`).join('; ');
}

export function countsText(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(', ');
}

export function deliveriesText(deliveries: EventData<'NotificationAttempted'>['deliveries']): string {
  if (deliveries.length === 0) return 'no channel is configured';
  return deliveries.map(({ channel, outcome }) => `${channel}: ${outcome}`).join(', ');
}
