import type { EventData, StoredTargetDocument, TargetEvent } from '@m3/contracts';
import { assertNever } from '@m3/decider';

type Settled = EventData<'TargetCreated'>;

/** A target as it stands. `revision` is the number of its changes, of any kind: the version of its stream. */
export interface Target {
  readonly target_id: string;
  readonly revision: number;
  readonly document: StoredTargetDocument;
  readonly address: Settled['address'];
  readonly config_digest: string;
  readonly enabled: boolean;
  readonly hold: string | null;
  /** Versions that were rolled back from while it has been held. */
  readonly vetoed: readonly VetoedVersion[];
}

export type VetoedVersion = NonNullable<EventData<'TargetHeld'>['vetoed']>;

export type TargetState = Target | null;

/** A target after one more of its events. */
export function evolveTarget(state: TargetState, event: TargetEvent): TargetState {
  if (event.type === 'TargetNamed') return state;
  if (event.type === 'TargetCreated') {
    const { enabled = true } = event.data.document;
    return { ...event.data, revision: 1, enabled, hold: null, vetoed: [] };
  }
  if (state === null) throw new Error(`${event.type} on a target that was never created`);
  const revision = state.revision + 1;
  switch (event.type) {
    case 'TargetChanged':
      return { ...state, ...event.data, revision, enabled: event.data.document.enabled ?? state.enabled };
    case 'TargetEnabled':
      return { ...state, revision, enabled: true };
    case 'TargetDisabled':
      return { ...state, revision, enabled: false };
    case 'TargetHeld':
      return withHold({ ...state, revision }, event.data);
    case 'TargetReleased':
      return { ...state, revision, hold: null, vetoed: [] };
    default:
      return assertNever(event);
  }
}

function withHold(state: Target, { reason, vetoed }: EventData<'TargetHeld'>): Target {
  return { ...state, hold: reason, vetoed: [...state.vetoed, ...(vetoed ? [vetoed] : [])] };
}
