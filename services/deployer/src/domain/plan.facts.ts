import type {
  ArtifactChange,
  BundleChanges,
  Caller,
  EventData,
  PlanBasis,
  PlanGates,
  PlanHold,
  PlanValidation,
} from '@m3/contracts';
import type { Target } from '@m3/policies';
import type { SlotState } from './slot.js';
import type { StartRules } from './start-rules.js';

/** What a publish is asked with. */
export interface AskedPublish {
  readonly project: string;
  readonly version: string;
  readonly reason: string | null;
  /** Why it should start despite windows and freezes. */
  readonly override_reason: string | null;
  readonly allow_older: boolean;
  readonly caller: Caller;
}

/** What the bundle would change on the target. */
export interface PlannedChanges {
  /** All of it: the digest of the plan is made of these. */
  readonly all: readonly ArtifactChange[];
  readonly shown: BundleChanges;
}

/** What is known of what is on the target. */
export interface Found {
  readonly basis: PlanBasis;
  /** Why the target could not be asked; null: it was. */
  readonly unreachable: { readonly code: string; readonly reason: string } | null;
  /** The digest of what the target has under the same version already. */
  readonly sameVersion: string | null;
  /** Null: what is active is not known. */
  readonly changes: PlannedChanges | null;
}

/** Everything that a plan depends on. */
export interface PlanFacts extends Found {
  readonly validation: PlanValidation;
  /** Null: the target is not held. */
  readonly hold: Omit<PlanHold, 'unblocked_by'> | null;
  readonly asked: AskedPublish;
  readonly target: Target;
  /** Null: there is no such version. */
  readonly tagged: EventData<'VersionTagged'> | null;
  /** What the gates say of themselves. */
  readonly gates: PlanGates;
  readonly slots: SlotState;
  readonly rules: StartRules;
  /** An id that the publish could have: newer than any other. */
  readonly publish_id: string;
  /** ISO 8601, UTC */
  readonly now: string;
}
