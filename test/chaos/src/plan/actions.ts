import { places } from './places.js';
import type { Random } from './random.js';

/** What operators and other services ask for. What is decided about at run time is named by its number, newest first. */
export type Action =
  | { readonly kind: 'tag'; readonly version: string }
  | { readonly kind: 'publish'; readonly version: string; readonly places: readonly string[] }
  | { readonly kind: 'cancel'; readonly newest: number; readonly afterMs: number }
  | { readonly kind: 'rollback'; readonly place: string; readonly releaseAfterMs: number }
  | { readonly kind: 'retry'; readonly newest: number }
  | { readonly kind: 'vote'; readonly newest: number; readonly decision: 'approve' | 'reject' };
export type ActionKind = Action['kind'];

/** No version's name is the beginning of another's: what is stored of one can be told by its name. */
export const versionNumber = (number: number): string => `v1.${100 + number}.0`;

const shares: readonly (readonly [ActionKind, number])[] = [
  ['tag', 0.15],
  ['publish', 0.3],
  ['cancel', 0.2],
  ['rollback', 0.15],
  ['retry', 0.1],
  ['vote', 0.1],
];

/** Begins with a tag: without a version there is nothing to do. */
export function planActions(random: Random, count: number): readonly Action[] {
  let tagged = 0;
  const actions: Action[] = [];
  while (actions.length < count) {
    const kind = tagged === 0 ? 'tag' : chosen(random);
    if (kind === 'tag') tagged += 1;
    actions.push(make(kind, random, tagged));
  }
  return actions;
}

function chosen(random: Random): ActionKind {
  let left = random.fraction();
  for (const [kind, share] of shares) {
    left -= share;
    if (left < 0) return kind;
  }
  return 'publish';
}

function make(kind: ActionKind, random: Random, tagged: number): Action {
  switch (kind) {
    case 'tag':
      return { kind, version: versionNumber(tagged) };
    case 'publish': {
      const version = versionNumber(random.whole(Math.max(1, tagged - 5), tagged));
      const names = random.shuffled(places.map(({ name }) => name)).slice(0, random.whole(1, 2));
      return { kind, version, places: names };
    }
    case 'cancel':
      return { kind, newest: random.whole(0, 4), afterMs: random.whole(0, 1500) };
    case 'rollback':
      return { kind, place: random.pick(places).name, releaseAfterMs: random.whole(500, 4000) };
    case 'retry':
      // Of publishes that had time to end: what has not is not done again.
      return { kind, newest: random.whole(2, 14) };
    case 'vote':
      return { kind, newest: random.whole(0, 2), decision: random.fraction() < 0.8 ? 'approve' : 'reject' };
  }
}
