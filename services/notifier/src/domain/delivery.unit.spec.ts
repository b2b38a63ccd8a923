import type { NotificationEvent } from '@m3/contracts';
import { deliveryAfter, dueDeliveries, evolveNotification, initialNotification, nextDue } from './delivery.js';

const now = '2026-03-19T14:23:45.000Z';
const failed = { outcome: 'failed', reason: 'HTTP 503' } as const;
const notification = {
  notification_id: 'ntf_01930d8c-0000-7000-8000-000000000001',
  publish_id: null,
  kind: 'publish.failed',
};

describe('a delivery', () => {
  it('that fails is tried again, each time later, and abandoned after the last', () => {
    expect(deliveryAfter('hook', 1, failed, now)).toMatchObject({
      outcome: 'deferred',
      next_attempt_at: '2026-03-19T14:23:50.000Z',
    });
    expect(deliveryAfter('hook', 6, failed, now)).toMatchObject({
      outcome: 'deferred',
      next_attempt_at: '2026-03-19T15:23:45.000Z',
    });
    expect(deliveryAfter('hook', 7, failed, now)).toMatchObject({ outcome: 'abandoned', reason: 'HTTP 503' });
  });

  it.each([
    ['no sooner than the other side asked for', 1, 60, '2026-03-19T14:24:45.000Z'],
    ['no sooner than planned, if it asked for less', 2, 1, '2026-03-19T14:24:15.000Z'],
    ['within a quarter of an hour, whatever it asked for', 1, 86_400, '2026-03-19T14:38:45.000Z'],
  ])('is tried again %s', (_what, attempt, pauseSeconds, next_attempt_at) => {
    expect(deliveryAfter('hook', attempt, { ...failed, pauseSeconds }, now)).toMatchObject({ next_attempt_at });
  });

  it('that is refused is abandoned at once', () => {
    expect(deliveryAfter('hook', 1, { outcome: 'refused', reason: 'HTTP 410' }, now)).toMatchObject({
      outcome: 'abandoned',
    });
  });

  it('is due when its time has come, until a later try succeeded', () => {
    const delivery = deliveryAfter('hook', 1, failed, now);
    const attempted: NotificationEvent = {
      type: 'NotificationAttempted',
      data: { ...notification, payload: {}, deliveries: [delivery] },
    };
    const state = evolveNotification(initialNotification, attempted);
    expect(nextDue(state)).toBe('2026-03-19T14:23:50.000Z');
    expect(dueDeliveries(state, now)).toEqual([]);
    expect(dueDeliveries(state, '2026-03-19T14:24:00.000Z')).toEqual([delivery]);
    const delivered = deliveryAfter('hook', 2, { outcome: 'delivered' }, now);
    const after = evolveNotification(state, {
      type: 'NotificationRetried',
      data: { ...notification, delivery: delivered, next_due_at: null },
    });
    expect(dueDeliveries(after, '2026-03-20T00:00:00.000Z')).toEqual([]);
    expect(nextDue(after)).toBeNull();
  });
});
