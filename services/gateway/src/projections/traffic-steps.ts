import type { EventData, PublishFailure, PublishTraffic } from '@m3/contracts';
import type { Changes } from './projection.js';
import { endStep, resumeStep, withTraffic, type PublishRow } from './publish-row.js';

/** Traffic that is brought to a version share by share: a part of its activation, which begins with the first share. */
export function bringingTraffic(): Changes<PublishRow> {
  return {
    TrafficShiftRequested: (publish, { data, metadata }) => {
      const { step, steps, weight, from_version, subject, deadline_at } = data;
      const at = metadata.occurredAt;
      const detail = shareText({ ...data, version: subject.version });
      const shifting = resumeStep(publish, 'activating', { at, deadline_at, detail });
      const strategy = publish.traffic_plan?.strategy;
      if (strategy === undefined) return shifting;
      const share = { strategy, step, steps, weight, version: subject.version, from_version };
      const judged = publish.traffic?.judged ?? null;
      return { ...shifting, traffic: { ...share, state: 'shifting', since: at, watch_until: null, judged } };
    },
    TrafficShifted: (publish, { data }) => watched(publish, data),
    TrafficJudged: (publish, { data: { step, outcome, measured, reason }, metadata }) => {
      const { waiting } = publish;
      const judged = { step, outcome, measured, reason, at: metadata.occurredAt };
      const extended = outcome === 'inconclusive';
      return {
        ...withTraffic(publish, { judged }),
        waiting: waiting.for === 'traffic' && extended ? { ...waiting, extended } : waiting,
      };
    },
    TrafficReturnRequested: (publish, { data, metadata }) => {
      const { code, reason, timed_out, unknown, back_to, deadline_at } = data;
      const at = metadata.occurredAt;
      const failure: PublishFailure = { step: 'activating', code, reason, timed_out, unknown, manual_steps: [] };
      const stopped = endStep({ ...publish, failure }, 'activating', { passed: false, at, detail: reason });
      return {
        ...withTraffic(resumeStep(stopped, 'rolling_back', { at, deadline_at }), returning(at)),
        waiting: { for: 'traffic_return', back_to, since: at, deadline_at },
      };
    },
    TrafficReturned: (publish, { data, metadata }) =>
      data.outcome === 'returned' ? withTraffic(publish, { state: 'returned', since: metadata.occurredAt }) : publish,
    ActivationRequested: (publish, { data: { deadline_at }, metadata }) => {
      const at = metadata.occurredAt;
      const activating = resumeStep(publish, 'activating', { at, deadline_at });
      return withTraffic(activating, { state: 'shifting', weight: 100, since: at, watch_until: null });
    },
  };
}

function watched(publish: PublishRow, data: EventData<'TrafficShifted'>): PublishRow {
  const { traffic_plan, steps: views } = publish;
  const { step, steps, weight, from_version, shifted_at: since, watch_until, deadline_at } = data;
  if (traffic_plan === undefined) return publish;
  const { max_error_rate, max_p95_ms, min_requests, extend_seconds } = traffic_plan;
  const limits = { max_error_rate, max_p95_ms, min_requests, extend_seconds };
  return {
    ...withTraffic(publish, { state: 'watching', since, watch_until }),
    steps: views.map((each) => (each.step === 'activating' ? { ...each, deadline_at } : each)),
    waiting: {
      ...{
        for: 'traffic',
        step,
        steps,
        weight,
        from_version,
        since,
        watch_until,
        deadline_at,
        extended: false,
        limits,
      },
    },
  };
}

/** `10 % to v1.3.0, share 1 of 2` */
function shareText({
  weight,
  version,
  step,
  steps,
}: Pick<PublishTraffic, 'weight' | 'version' | 'step' | 'steps'>): string {
  return `${weight} % to ${version}, share ${step} of ${steps}`;
}

const returning = (since: string) => ({ state: 'returning', since, watch_until: null }) as const;
