import type { BlueGreenBlock, CanaryBlock, StoredTargetDocument, TrafficPlan } from '@m3/contracts';

/** What documents leave open about their strategy (spec section 11). */
const defaults = {
  canary_steps: [
    { weight: 10, pause_seconds: 300 },
    { weight: 50, pause_seconds: 300 },
    { weight: 100, pause_seconds: 0 },
  ],
  green: 50,
  switch_after_seconds: 300,
  error_rate: 5,
  p95_ms: 5_000,
  judgement: { min_requests: 20, extend_seconds: 300 },
} as const;

type StrategyFields = Pick<StoredTargetDocument, 'deployment_strategy' | 'blue_green' | 'canary'>;

/** How a target brings traffic to a new version; null: all at once. */
export function trafficPlan(document: StrategyFields): TrafficPlan | null {
  switch (document.deployment_strategy ?? 'all_at_once') {
    case 'all_at_once':
      return null;
    case 'blue_green':
      return blueGreen(document.blue_green ?? {});
    case 'canary':
      return canary(document.canary ?? {});
  }
}

/** One share for the new version (green), until everything goes to it. */
function blueGreen({
  switch_after_seconds: pause_seconds = defaults.switch_after_seconds,
  traffic_split: { green: weight } = { blue: 100 - defaults.green, green: defaults.green },
  rollback_on_error_rate: max_error_rate = defaults.error_rate,
  ...judgement
}: BlueGreenBlock): TrafficPlan {
  const limits = { max_error_rate, max_p95_ms: null, ...defaults.judgement, ...judgement };
  return { strategy: 'blue_green', steps: [{ weight, pause_seconds }], ...limits };
}

function canary({
  steps = defaults.canary_steps.map((step) => ({ ...step })),
  max_error_rate = defaults.error_rate,
  max_p95_ms = defaults.p95_ms,
  ...judgement
}: CanaryBlock): TrafficPlan {
  return { strategy: 'canary', steps, max_error_rate, max_p95_ms, ...defaults.judgement, ...judgement };
}
