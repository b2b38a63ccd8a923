import { publishEndings } from '@m3/contracts';
import { median, percentile } from '../statistics.js';
import type { BusObserver, SeenEvent } from './bus-observer.js';
import { tagMessage, versionName } from './three-node-release.js';

const GIVE_UP_MS = 30_000;
const ENDINGS: readonly string[] = publishEndings;

/** One publish from its tag to its end. */
export interface TimedPublish {
  /** From handing the tag to the bus until `PublishSucceeded` came back over it; ms. */
  readonly totalMs: number;
  /** Its events in the order they were seen. */
  readonly events: readonly { readonly type: string; readonly sinceTagMs: number }[];
}

/** Publishes one version after another to one target, each when the one before has succeeded. */
export async function timePublishes(
  bus: BusObserver,
  { branch, warmUp, samples }: { readonly branch: string; readonly warmUp: number; readonly samples: number },
): Promise<readonly TimedPublish[]> {
  const listener = new Listener();
  const stopListening = await bus.onEvent('evt.>', (event) => listener.take(event));
  const timed: TimedPublish[] = [];
  for (let number = 1; number <= warmUp + samples; number += 1) {
    const publish = await timeOne(bus, listener, { branch, number });
    if (number > warmUp) timed.push(publish);
  }
  stopListening();
  return timed;
}

async function timeOne(
  bus: BusObserver,
  listener: Listener,
  { branch, number }: { readonly branch: string; readonly number: number },
): Promise<TimedPublish> {
  const message = tagMessage({ project: 'idle', round: 0, number, branch });
  const ended = listener.untilEnd();
  const begin = Date.now();
  const beginPrecise = performance.now();
  await bus.tag(message);
  const events = await ended;
  const last = events.at(-1);
  if (last?.type !== 'PublishSucceeded') {
    throw new Error(`${versionName({ round: 0, number })} ended as ${last?.type}: ${JSON.stringify(last?.data)}`);
  }
  return {
    totalMs: listener.endedAt - beginPrecise,
    events: events.map(({ type, occurredAt }) => ({ type, sinceTagMs: occurredAt - begin })),
  };
}

/** Collects events until a publish has ended. */
class Listener {
  endedAt = 0;
  private events: SeenEvent[] = [];
  private resolve: (events: readonly SeenEvent[]) => void = () => undefined;

  take(event: SeenEvent): void {
    this.events.push(event);
    if (!ENDINGS.includes(event.type)) return;
    this.endedAt = performance.now();
    this.resolve([...this.events]);
  }

  untilEnd(): Promise<readonly SeenEvent[]> {
    this.events = [];
    return new Promise((resolve, reject) => {
      const giveUp = setTimeout(() => {
        const seen = this.events.map(({ type }) => type).join(', ');
        reject(new Error(`no publish ended within ${GIVE_UP_MS / 1000} s; seen: ${seen}`));
      }, GIVE_UP_MS);
      this.resolve = (events) => {
        clearTimeout(giveUp);
        resolve(events);
      };
    });
  }
}

/** A row for each event type: when it happens after the tag, and how long after the one before; medians and p95 in ms. */
export function breakdown(publishes: readonly TimedPublish[]): readonly (readonly string[])[] {
  const moments = new Map<string, number[]>();
  for (const { events } of publishes) {
    for (const { type, sinceTagMs } of events) moments.set(type, [...(moments.get(type) ?? []), sinceTagMs]);
  }
  const rows = [...moments]
    .map(([type, values]) => ({ type, p50: median(values), p95: percentile(values, 95) }))
    .sort((a, b) => a.p50 - b.p50);
  return rows.map(({ type, p50, p95 }, index) => {
    const before = rows[index - 1]?.p50 ?? 0;
    return [type, p50.toFixed(1), `+${(p50 - before).toFixed(1)}`, p95.toFixed(1)];
  });
}
