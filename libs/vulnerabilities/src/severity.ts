/** As CVSS rates scores; `unknown`: nobody has rated it, so it may be anything. */
export type Severity = 'critical' | 'high' | 'medium' | 'low' | 'unknown';

const order: readonly Severity[] = ['unknown', 'low', 'medium', 'high', 'critical'];

/** The severest of several; what is unknown counts least. */
export function severest(severities: readonly Severity[]): Severity {
  return severities.reduce((a, b) => (order.indexOf(b) > order.indexOf(a) ? b : a), 'unknown');
}
