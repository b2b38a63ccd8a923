import type { ArtifactChange, BundleChanges, ChangedNode, PlanDiff } from '@m3/contracts';
import type { BundleDiff } from './diff-bundles.js';

/** Entries that a comparison lists: more than anyone reads, and few enough to travel in one message. */
const most = 1_000;

/** A comparison as it is shown: what changed in numbers, and as much of it in detail as has room. */
export function summariseChanges({ changes, unchanged }: BundleDiff, limit = most): BundleChanges {
  const room = new Room(limit);
  const count = (wanted: ArtifactChange['change']) => changes.filter(({ change }) => change === wanted).length;
  // Every artifact is named before the first one is described.
  const named = room.take(changes);
  return {
    counts: { new: count('new'), updated: count('updated'), deleted: count('deleted'), unchanged },
    changes: named.map((change) => described(change, room)),
    omitted: room.omitted,
  };
}

/** Hands out places until there are none, and counts what got none. */
class Room {
  omitted = 0;

  constructor(private left: number) {}

  take<Entry>(entries: readonly Entry[]): Entry[] {
    const taken = entries.slice(0, this.left);
    this.left -= taken.length;
    this.omitted += entries.length - taken.length;
    return taken;
  }
}

function described(change: ArtifactChange, room: Room): ArtifactChange {
  if (change.change !== 'updated') return change;
  const { plan, ...rest } = change;
  const fields = room.take(change.fields);
  return { ...rest, fields, ...(plan && { plan: shortPlan(plan, room) }) };
}

function shortPlan({ added, removed, changed, rewired }: PlanDiff, room: Room): PlanDiff {
  return {
    added: room.take(added),
    removed: room.take(removed),
    changed: room.take(changed).map((node): ChangedNode => ({ ...node, fields: room.take(node.fields) })),
    rewired: room
      .take(rewired)
      .map((node) => ({ ...node, added: room.take(node.added), removed: room.take(node.removed) })),
  };
}
