import type { EventData, FreezeEvent, StoredTargetDocument, TargetEvent, TargetSnapshot } from '@m3/contracts';
import { assertNever } from '@m3/decider';
import {
  defaultOverrideRoles,
  snapshotOf,
  type Freeze,
  type PromotionFacts,
  type StartFacts,
  type TargetRules,
} from '@m3/policies';
import type { PublishRequest } from './publish.state.js';

/** What starts depend on, as the streams of other services tell it. The fold is the deployer's own: services share no code. */

/** The rules in force for a target, and what they were read from. */
export interface StartRules extends Pick<StartFacts, 'target' | 'freezes'> {
  /** Null: the target is in no log. */
  readonly snapshot: TargetSnapshot | null;
  readonly promotion: PromotionFacts;
  readonly judgedBy: EventData<'StartDelayed'>['judged_by'];
}

/** Null: the target is in no log. */
export type KnownRules = KnownTarget | null;
interface KnownTarget extends TargetRules {
  readonly settled: Omit<EventData<'TargetCreated'>, 'target_id'>;
}

export function evolveTargetRules(state: KnownRules, event: TargetEvent, at: string): KnownRules {
  if (event.type === 'TargetNamed') return state;
  if (event.type === 'TargetCreated') {
    const { target_id, ...settled } = event.data;
    const { document } = settled;
    const initial = { target_id, enabled: true, disabledSince: null, hold: null };
    return switched({ ...initial, ...ofDocument(document), settled }, document.enabled ?? true, at);
  }
  if (state === null) throw new Error(`${event.type} on a target that was never created`);
  switch (event.type) {
    case 'TargetChanged': {
      const { target_id: _same, ...settled } = event.data;
      const { document } = settled;
      return switched({ ...state, ...ofDocument(document), settled }, document.enabled ?? state.enabled, at);
    }
    case 'TargetEnabled':
      return switched(state, true, at);
    case 'TargetDisabled':
      return switched(state, false, at);
    case 'TargetHeld':
      return held(state, event.data, at);
    case 'TargetReleased':
      return { ...state, hold: null };
    default:
      return assertNever(event);
  }
}

/** Freezes that were declared and not lifted, those that are over among them. */
export function evolveCalendar(freezes: readonly Freeze[], event: FreezeEvent): readonly Freeze[] {
  switch (event.type) {
    case 'FreezeDeclared':
      return [...freezes, event.data];
    case 'FreezeLifted':
      return freezes.filter(({ freeze_id }) => freeze_id !== event.data.freeze_id);
    default:
      return assertNever(event);
  }
}

/** A target that is in no log says nothing. */
export function openRules({ target }: Pick<PublishRequest, 'target'>): TargetRules {
  const { target_id, environment } = target;
  const untouched = { enabled: true, disabledSince: null, hold: null };
  return { target_id, ...untouched, ...ofDocument({ environment }) };
}

type StartDocument = Pick<StoredTargetDocument, 'environment' | 'windows' | 'promotion' | 'access'>;

function held(state: KnownTarget, { reason, vetoed }: EventData<'TargetHeld'>, at: string): KnownTarget {
  const before = state.hold ?? { since: at, vetoed: [] };
  return { ...state, hold: { ...before, reason, vetoed: [...before.vetoed, ...(vetoed ? [vetoed] : [])] } };
}

function ofDocument({ environment, windows = [], promotion, access }: StartDocument) {
  const overrideRoles = access?.override_roles ?? defaultOverrideRoles;
  return { environment, windows, promotion: promotion ?? null, overrideRoles };
}

function switched(state: KnownTarget, enabled: boolean, at: string): KnownTarget {
  if (enabled) return { ...state, enabled, disabledSince: null };
  return { ...state, enabled, disabledSince: state.disabledSince ?? at };
}

/** The configuration that a publish takes from now on; null: the target is in no log. */
export function snapshotNow(known: KnownRules, revision: number): TargetSnapshot | null {
  return known && snapshotOf({ target_id: known.target_id, revision, ...known.settled });
}
