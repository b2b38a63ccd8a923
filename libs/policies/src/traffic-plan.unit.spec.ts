import { trafficPlan } from './traffic-plan.js';

describe('how traffic is brought to a version', () => {
  it('is all at once, unless the target says otherwise', () => {
    expect(trafficPlan({})).toBeNull();
    expect(trafficPlan({ deployment_strategy: 'all_at_once' })).toBeNull();
  });

  it('is half of it by blue-green for five minutes, by default', () => {
    expect(trafficPlan({ deployment_strategy: 'blue_green' })).toEqual({
      strategy: 'blue_green',
      steps: [{ weight: 50, pause_seconds: 300 }],
      ...{ max_error_rate: 5, max_p95_ms: null, min_requests: 20, extend_seconds: 300 },
    });
  });

  it('is the share of green, for as long as both serve', () => {
    const blue_green = {
      ...{ switch_after_seconds: 60, traffic_split: { blue: 80, green: 20 }, rollback_on_error_rate: 1.5 },
      ...{ min_requests: 5, extend_seconds: 30 },
    };
    expect(trafficPlan({ deployment_strategy: 'blue_green', blue_green })).toEqual({
      strategy: 'blue_green',
      steps: [{ weight: 20, pause_seconds: 60 }],
      ...{ max_error_rate: 1.5, max_p95_ms: null, min_requests: 5, extend_seconds: 30 },
    });
  });

  it('is a tenth, half and all of it by a canary, by default', () => {
    expect(trafficPlan({ deployment_strategy: 'canary' })).toMatchObject({
      steps: [{ weight: 10 }, { weight: 50 }, { weight: 100 }],
      ...{ max_error_rate: 5, max_p95_ms: 5_000, min_requests: 20, extend_seconds: 300 },
    });
  });

  it('is the steps of the canary', () => {
    const steps = [
      { weight: 1, pause_seconds: 10 },
      { weight: 100, pause_seconds: 600 },
    ];
    const canary = { steps, max_error_rate: 0, max_p95_ms: 900, min_requests: 1_000, extend_seconds: 0 };
    expect(trafficPlan({ deployment_strategy: 'canary', canary })).toEqual({ strategy: 'canary', ...canary });
  });
});
