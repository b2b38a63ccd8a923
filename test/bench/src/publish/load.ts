import { publishEndings } from '@m3/contracts';
import { setTimeout as pause } from 'node:timers/promises';
import type { TargetGroup } from './bench-stack.js';
import type { BusObserver, SeenEvent } from './bus-observer.js';
import { tagMessage } from './three-node-release.js';

export interface LoadOptions {
  readonly groups: readonly TargetGroup[];
  /** Another one each time: it is part of the versions. */
  readonly round: number;
  readonly warmUpMs: number;
  readonly durationMs: number;
  /** Called when counting begins and when it ends. */
  readonly counting?: (phase: 'begins' | 'ends') => Promise<void> | void;
}

export interface LoadResult {
  readonly succeeded: number;
  /** How publishes ended that did not succeed, and how many. */
  readonly otherwise: ReadonlyMap<string, number>;
  readonly perSecond: number;
}

/**
 * Publishes to all targets for a time: each group gets its next tag when its last one has reached all of its targets, so
 * that every target is busy nearly always and no publish supersedes another.
 */
export async function publishUnderLoad(bus: BusObserver, options: LoadOptions): Promise<LoadResult> {
  const groups = new Map(options.groups.map((group) => [group.branch, new GroupInTurn(bus, group, options.round)]));
  let counting = false;
  let succeeded = 0;
  const otherwise = new Map<string, number>();
  // The bus may bring an event twice.
  const ended = new Set<unknown>();
  const listening = [
    await bus.onEvent('evt.publish.PublishSucceeded.>', ({ data }) => {
      if (!isOfRound(options.round, data['version']) || ended.has(data['publish_id'])) return;
      ended.add(data['publish_id']);
      if (counting) succeeded += 1;
      groups.get(String(data['project']))?.ended();
    }),
  ];
  for (const type of publishEndings) {
    if (type === 'PublishSucceeded') continue;
    const note = ({ data }: SeenEvent) => {
      const why = [data['step'], data['code'], data['reason']].filter((part) => typeof part === 'string');
      const how = [type, ...why].join(' ');
      otherwise.set(how, (otherwise.get(how) ?? 0) + 1);
    };
    listening.push(await bus.onEvent(`evt.publish.${type}.>`, note));
  }
  await Promise.all([...groups.values()].map((group) => group.next()));
  await pause(options.warmUpMs);
  await options.counting?.('begins');
  const begin = performance.now();
  counting = true;
  await pause(options.durationMs);
  counting = false;
  const seconds = (performance.now() - begin) / 1000;
  await options.counting?.('ends');
  const unfinished = (await Promise.all([...groups.values()].map((group) => group.finish()))).flat();
  for (const stop of listening) stop();
  if (unfinished.length > 0) throw new Error(`${unfinished.join('; ')}; ended otherwise: ${[...otherwise].join(' ')}`);
  return { succeeded, otherwise, perSecond: succeeded / seconds };
}

/** An event of an earlier round may be repeated in a later one. */
const isOfRound = (round: number, version: unknown): boolean => String(version).startsWith(`v1.${round}.`);

const FINISH_WITHIN_MS = 60_000;

/** A group of targets, which gets one tag at a time. Its branch is also the name of its project. */
class GroupInTurn {
  private tags = 0;
  private open = 0;
  private finished: (() => void) | null = null;

  constructor(
    private readonly bus: BusObserver,
    private readonly group: TargetGroup,
    private readonly round: number,
  ) {}

  async next(): Promise<void> {
    this.tags += 1;
    this.open += this.group.targets;
    const { round, tags: number } = this;
    const { branch } = this.group;
    await this.bus.tag(tagMessage({ project: branch, round, number, branch }));
  }

  ended(): void {
    this.open -= 1;
    if (this.open > 0) return;
    if (this.finished) this.finished();
    else void this.next();
  }

  /** Waits until the last tag has reached its targets; answers what is still missing when that takes too long. */
  finish(): Promise<readonly string[]> {
    if (this.open === 0) return Promise.resolve([]);
    return new Promise((resolve) => {
      const giveUp = setTimeout(() => {
        resolve([`${this.open} publishes of ${this.group.branch} v1.${this.round}.${this.tags} have not succeeded`]);
      }, FINISH_WITHIN_MS);
      this.finished = () => {
        clearTimeout(giveUp);
        resolve([]);
      };
    });
  }
}
