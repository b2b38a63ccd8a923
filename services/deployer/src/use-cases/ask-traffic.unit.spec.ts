import { eventCatalogue, EventRegistry, type PublishEvent, type TrafficPlan } from '@m3/contracts';
import { MemoryEventStore } from '@m3/event-store';
import { CannotOpenError } from '@m3/secrets';
import { TargetUnreachableError, type MetricsResult } from '@m3/target-environment';
import * as the from '../domain/publish.fixtures.js';
import { example, request, subject } from '../domain/publish.fixtures.js';
import { AskTraffic } from './ask-traffic.js';
import { context } from './deployment.fixture.spec.js';

const { publish_id } = subject;
const traffic: TrafficPlan = {
  ...{ strategy: 'canary', max_error_rate: 5, max_p95_ms: null, min_requests: 20, extend_seconds: 30 },
  steps: [
    { weight: 10, pause_seconds: 60 },
    { weight: 50, pause_seconds: 60 },
  ],
};
const asked = the.requested({ ...request, target: { ...request.target, traffic } });
const shifting: readonly PublishEvent[] = [
  ...[asked, ...the.untilDeployment.slice(1), the.deployed],
  { type: 'TrafficShiftRequested', data: { ...example('TrafficShiftRequested'), subject } },
];
const counted = { executions: 3, failures: 1 };
const watching: readonly PublishEvent[] = [
  ...shifting,
  { type: 'TrafficShifted', data: { ...example('TrafficShifted'), publish_id, counted } },
];
const registry = new EventRegistry(eventCatalogue);

async function ask(history: readonly PublishEvent[], metrics: () => Promise<MetricsResult> = () => answered) {
  const store = new MemoryEventStore(registry);
  if (history.length > 0)
    await store.append([{ stream: `publish-${publish_id}`, expectedVersion: 0, events: history }], context);
  const targets = { open: () => Promise.resolve({ metrics }) };
  return new AskTraffic({ store, targets, clock: () => new Date(the.now) }).of(publish_id);
}

const answered = Promise.resolve<MetricsResult>({
  outcome: 'known',
  versions: [{ version: 'v1.3.0', executions: 15, failures: 2, p95_ms: 340 }],
});

describe('how a version does with its share', () => {
  it('is what the gateway counted since it got it, with the limits that it is judged by', async () => {
    expect(await ask(watching)).toEqual({
      outcome: 'accepted',
      result: {
        ...{ publish_id, target_id: subject.target_id, target_name: subject.target_name, strategy: 'canary' },
        ...{ version: 'v1.3.0', from_version: 'v1.2.0', step: 1, steps: 2, weight: 10, asked_at: the.now },
        ...{ watch_until: example('TrafficShifted').watch_until, extended: false, outcome: 'known', reason: null },
        measured: { executions: 12, failures: 1, p95_ms: 340 },
        limits: { max_error_rate: 5, max_p95_ms: null, min_requests: 20, extend_seconds: 30 },
      },
    });
  });

  it('is unknown where the gateway does not count, does not answer, or cannot be opened', async () => {
    const silent = new TargetUnreachableError('gateway', 'timeout', 'the gateway does not answer');
    const sealed = new CannotOpenError('the key is not here');
    const replies: readonly (() => Promise<MetricsResult>)[] = [
      () => Promise.resolve({ outcome: 'unsupported' }),
      () => Promise.reject(silent),
      () => Promise.reject(sealed),
    ];
    for (const reply of replies) {
      expect(await ask(watching, reply)).toMatchObject({
        outcome: 'accepted',
        result: { outcome: 'unknown', measured: null, reason: expect.any(String) as unknown, weight: 10 },
      });
    }
  });

  it.each<[string, readonly PublishEvent[], string]>([
    ['there is no such publish', [], 'publish_not_found'],
    ['the share is not brought yet', shifting, 'no_traffic_split'],
    ['all executions go to it', the.untilVerification, 'no_traffic_split'],
  ])('cannot be told where %s', async (_where, history, code) => {
    expect(await ask(history)).toMatchObject({ outcome: 'rejected', rejection: { code } });
  });
});
