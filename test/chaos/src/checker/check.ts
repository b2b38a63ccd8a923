import { endFitsEvents, endsOnce, retriesFollow, shownAsLogged } from './ending-rules.js';
import type { Evidence, Violation } from './evidence.js';
import { logIsWhole, noDeadLetters } from './log-rules.js';
import { promisesAreKept } from './promise-rules.js';
import { nothingIsHeld, slotsComeBack } from './slot-rules.js';
import { activeAsLogged, neverHalf, onlyAskedForIsSeen } from './target-rules.js';
import { nothingTwice, oneStartEach } from './twice-rules.js';

type Rule = (evidence: Evidence) => readonly Violation[];

const rules: readonly Rule[] = [
  ...[logIsWhole, noDeadLetters, endsOnce, endFitsEvents, retriesFollow, shownAsLogged, neverHalf, activeAsLogged],
  ...[onlyAskedForIsSeen, nothingTwice, oneStartEach, slotsComeBack, nothingIsHeld, promisesAreKept],
];

/** Everything that must not be, and is. */
export function check(evidence: Evidence): readonly Violation[] {
  return rules.flatMap((rule) => rule(evidence));
}
