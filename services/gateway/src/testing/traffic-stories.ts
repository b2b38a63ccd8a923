import { declared, type TrafficPlan } from '@m3/contracts';
import { publishUpTo, told, type StoryEvent } from './stories.js';

/** Stories of publishes whose target brings traffic to a version share by share. */

export const canary: TrafficPlan = {
  strategy: 'canary',
  steps: [
    { weight: 10, pause_seconds: 60 },
    { weight: 50, pause_seconds: 60 },
    { weight: 100, pause_seconds: 0 },
  ],
  ...{ max_error_rate: 5, max_p95_ms: 800, min_requests: 20, extend_seconds: 30 },
};

/** Up to the first share, which is not brought yet. */
export function untilTraffic(story: number): StoryEvent[] {
  const { target } = declared('PublishTriggered').example;
  const [, ...others] = publishUpTo(story, 'deployed');
  return [told(story, 'PublishTriggered', { target: { ...target, traffic: canary } }), ...others];
}

/** Asking for a share, and that it was brought. */
export function share(story: number, step: 1 | 2): StoryEvent[] {
  const which = { step, weight: step === 1 ? 10 : 50 };
  const times = { watch_until: '2026-03-19T14:25:00.000Z', deadline_at: '2026-03-19T14:26:30.000Z' };
  return [
    told(story, 'TrafficShiftRequested', which),
    told(story, 'TrafficShifted', { ...which, shifted_at: '2026-03-19T14:24:00.000Z', ...times }),
  ];
}

export function judged(story: number, step: 1 | 2, outcome: 'passed' | 'failed' | 'inconclusive'): StoryEvent {
  const reasons = {
    passed: '240 executions, 0.4 % of them failed',
    failed: '50 executions, 12 % of them failed: more than 5 %',
    inconclusive: '3 executions, 0 % of them failed; 20 executions are needed',
  };
  return told(story, 'TrafficJudged', { step, weight: step === 1 ? 10 : 50, outcome, reason: reasons[outcome] });
}

/** The version does badly with its first share: its traffic goes back, and then all of it. */
export function badlyShared(story: number): StoryEvent[] {
  return [
    ...[...untilTraffic(story), ...share(story, 1), judged(story, 1, 'failed')],
    told(story, 'TrafficReturnRequested'),
    told(story, 'TrafficReturned'),
    told(story, 'RestoreRequested', { failed_step: 'activating', code: 'error_rate' }),
  ];
}
