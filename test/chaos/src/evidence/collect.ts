import { setTimeout as pause } from 'node:timers/promises';
import { endings } from '../checker/log-of.js';
import type { Evidence, ShownPublish, ShownTarget, TargetContents } from '../checker/evidence.js';
import type { Api } from '../driver/api.js';
import type { Operators } from '../driver/operators.js';
import { isObject } from '../driver/replies.js';
import { places } from '../plan/places.js';
import type { TargetReader } from '../watch/target-reader.js';
import type { TargetWatch } from '../watch/target-watch.js';
import { artifactsOf } from '../world/releases.js';
import type { LogReader } from './log-reader.js';

export interface Witnesses {
  readonly api: Api;
  readonly log: LogReader;
  readonly readers: ReadonlyMap<string, TargetReader>;
  readonly operators: Operators;
  readonly watch: TargetWatch;
  /** Locks that are always held by somebody, as they were before anything was published. */
  readonly usualLocks: ReadonlySet<string>;
}

/** What never ends is waited for so long; a step that nobody answers ends at its deadline, two minutes. */
const REST_WITHIN_MS = 420_000;
const HELD_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 500;

/** Lets everything come to its end. Gives up in time: what has not ended then shows as a violation. */
export async function comeToRest({ log, operators }: Witnesses, say: (line: string) => void): Promise<void> {
  await within(REST_WITHIN_MS, async (round) => {
    if (await operators.settle(round)) return false;
    const { begun, ended } = await log.progress(Object.keys(endings));
    if (round % 20 === 0) say(`at rest when all have ended: ${ended} of ${begun}`);
    return begun === ended && (await log.isShown());
  });
}

/** Reads everything that the checker compares. */
export async function collect(witnesses: Witnesses): Promise<Evidence> {
  const { api, log, operators, watch } = witnesses;
  const leftovers = await leftoversOf(witnesses);
  const contents = new Map<string, TargetContents>();
  for (const { name, sandbox } of places) {
    const held = await witnesses.readers.get(sandbox)?.look(name);
    if (held !== undefined) contents.set(name, held);
  }
  await watch.stop();
  return {
    events: await log.events(),
    publishes: (await api.list('publishes')).map(shownPublish),
    targets: (await api.list('targets')).map(shownTarget),
    ...{ contents, sightings: watch.sightings, acknowledged: operators.acknowledged, leftovers, artifactsOf },
  };
}

/** What is still held when it has had time to be given back. */
async function leftoversOf({ log, readers, usualLocks }: Witnesses): Promise<readonly string[]> {
  let left: readonly string[] = [];
  await within(HELD_WITHIN_MS, async () => {
    const locks = (await log.locks()).filter((lock) => !usualLocks.has(nameOfLock(lock)));
    const open = await log.openTransactions();
    const onTargets = await Promise.all([...readers.values()].map((reader) => reader.leftovers()));
    left = [...locks, ...open, ...onTargets.flat()];
    return left.length === 0;
  });
  return left;
}

/** A lock, whoever holds it. */
export const nameOfLock = (lock: string): string => lock.replace(/ of .*$/, '');

/** Tries until it is so, or the time is over. What cannot be asked at a moment is asked again. */
async function within(limitMs: number, isSo: (round: number) => Promise<boolean>): Promise<void> {
  const until = performance.now() + limitMs;
  for (let round = 1; performance.now() < until; round += 1) {
    if (await isSo(round).catch(() => false)) return;
    await pause(LOOK_EVERY_MS);
  }
}

function shownPublish(item: unknown): ShownPublish {
  return {
    publish_id: textOf(item, 'publish_id'),
    target_id: textOf(item, 'target_id'),
    version: textOf(item, 'version'),
    status: textOf(item, 'status'),
  };
}

function shownTarget(item: unknown): ShownTarget {
  const active = isObject(item) && isObject(item['active']) ? textOf(item['active'], 'version') : null;
  return { target_id: textOf(item, 'target_id'), name: textOf(item, 'name'), active };
}

function textOf(item: unknown, field: string): string {
  const value = isObject(item) ? item[field] : undefined;
  return typeof value === 'string' ? value : '';
}
