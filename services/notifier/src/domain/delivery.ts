import type { EventData, NotificationEvent } from '@m3/contracts';
import { assertNever } from '@m3/decider';

export type Delivery = EventData<'NotificationRetried'>['delivery'];

/** What became of one try. `refused`: trying again cannot help. */
export type Try =
  | { readonly outcome: 'delivered'; readonly reason?: string }
  /** `pauseSeconds`: how long the other side asked to be left alone. */
  | { readonly outcome: 'failed'; readonly reason: string; readonly pauseSeconds?: number }
  | { readonly outcome: 'refused'; readonly reason: string };

export interface NotificationState {
  readonly attempted: EventData<'NotificationAttempted'> | null;
  /** The last delivery of each channel, by name. */
  readonly channels: ReadonlyMap<string, Delivery>;
}

export const initialNotification: NotificationState = { attempted: null, channels: new Map() };

export function evolveNotification(state: NotificationState, event: NotificationEvent): NotificationState {
  switch (event.type) {
    case 'NotificationAttempted':
      return {
        attempted: event.data,
        channels: new Map(event.data.deliveries.map((delivery) => [delivery.channel, delivery])),
      };
    case 'NotificationRetried':
      return { ...state, channels: new Map(state.channels).set(event.data.delivery.channel, event.data.delivery) };
    default:
      return assertNever(event);
  }
}

/** Seconds to the next try, after the first, second … failed one. Then the delivery is abandoned. */
const pausesSeconds = [5, 30, 120, 600, 1_800, 3_600];
/** Who asks for more is tried again all the same: somebody may wait for the news. */
const longestAskedSeconds = 900;

/** What a try means for a channel: delivered, to be tried again at a time, or given up. */
export function deliveryAfter(channel: string, attempt: number, result: Try, now: string): Delivery {
  const reason = result.reason?.slice(0, 2000) ?? null;
  if (result.outcome === 'delivered') return { channel, attempt, outcome: 'delivered', reason, next_attempt_at: null };
  const pause = pausesSeconds[attempt - 1];
  if (result.outcome === 'refused' || pause === undefined)
    return { channel, attempt, outcome: 'abandoned', reason, next_attempt_at: null };
  const asked = Math.min(result.pauseSeconds ?? 0, longestAskedSeconds);
  const next_attempt_at = new Date(Date.parse(now) + Math.max(pause, asked) * 1000).toISOString();
  return { channel, attempt, outcome: 'deferred', reason, next_attempt_at };
}

/** Deliveries that may be tried again now. */
export function dueDeliveries({ channels }: NotificationState, now: string): readonly Delivery[] {
  return [...channels.values()].filter(
    ({ next_attempt_at }) => next_attempt_at !== null && Date.parse(next_attempt_at) <= Date.parse(now),
  );
}

/** When the next delivery is due, ISO 8601; null: none is. */
export function nextDue({ channels }: NotificationState): string | null {
  const times = [...channels.values()].flatMap(({ next_attempt_at }) =>
    next_attempt_at === null ? [] : [next_attempt_at],
  );
  return times.sort()[0] ?? null;
}
