import type { EventData, StoredTargetDocument, TargetEvent } from '@m3/contracts';
import { accept, assertNever, reject, type Decider, type Refusal } from '@m3/decider';

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

export type TargetCommand =
  /** `expectedRevision`: what the operator looked at; 0: there was no such target. Absent: whatever it is. */
  | { readonly type: 'settle'; readonly settled: Settled; readonly expectedRevision?: number | undefined }
  | { readonly type: 'enable' | 'disable' }
  | { readonly type: 'hold'; readonly reason: string; readonly vetoed?: VetoedVersion }
  | { readonly type: 'release'; readonly reason: string };

export type TargetCode = 'target_not_found' | 'target_changed';

/** A target's configuration, whether it takes publishes, and whether automatic ones are held. */
export const target: Decider<TargetState, TargetCommand, TargetEvent, Refusal<TargetCode>> = {
  initial: null,
  evolve: evolveTarget,
  decide(command, state) {
    if (command.type === 'settle') return settle(command, state);
    if (state === null) return reject('target_not_found', 'there is no such target', 'target_id');
    const { target_id } = state;
    switch (command.type) {
      case 'enable':
        return state.enabled ? accept() : accept({ type: 'TargetEnabled', data: { target_id } });
      case 'disable':
        return state.enabled ? accept({ type: 'TargetDisabled', data: { target_id } }) : accept();
      case 'hold':
        return hold(command, state);
      case 'release':
        return state.hold === null
          ? accept()
          : accept({ type: 'TargetReleased', data: { target_id, reason: command.reason } });
      default:
        return assertNever(command);
    }
  },
};

/** A target that is held already can get one more veto. */
function hold({ reason, vetoed }: Extract<TargetCommand, { type: 'hold' }>, state: Target) {
  const known = state.vetoed.some(({ project, version }) => project === vetoed?.project && version === vetoed.version);
  if (state.hold !== null && (vetoed === undefined || known)) return accept<TargetEvent>();
  const data = { target_id: state.target_id, reason, ...(vetoed === undefined ? {} : { vetoed }) };
  return accept<TargetEvent>({ type: 'TargetHeld', data });
}

type Settle = Extract<TargetCommand, { type: 'settle' }>;

function settle(command: Settle, state: TargetState) {
  const { settled } = command;
  // What is so already was perhaps made so by the same command: its repeat is no conflict.
  if (state !== null && isSettled(settled, state)) return accept<TargetEvent>();
  const refusal = staleness(command, state);
  if (refusal) return refusal;
  return accept<TargetEvent>({ type: state === null ? 'TargetCreated' : 'TargetChanged', data: settled });
}

/** Null: nothing has happened that whoever asks has not seen. */
function staleness({ settled, expectedRevision }: Settle, state: TargetState) {
  const revision = state?.revision ?? 0;
  if (expectedRevision === undefined || expectedRevision === revision) return null;
  const now = state === null ? 'does not exist' : `is at revision ${revision} now`;
  return reject('target_changed', `${settled.document.name} ${now}, not ${expectedRevision}: look at it again`);
}

/** A document that does not say whether the target is enabled leaves that as it is. */
function isSettled({ config_digest, document }: Settled, state: Target): boolean {
  return state.config_digest === config_digest && (document.enabled ?? state.enabled) === state.enabled;
}

function evolveTarget(state: TargetState, event: TargetEvent): TargetState {
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
      return { ...withHold(state, event.data), revision };
    case 'TargetReleased':
      return { ...state, revision, hold: null, vetoed: [] };
    default:
      return assertNever(event);
  }
}

function withHold(state: Target, { reason, vetoed }: EventData<'TargetHeld'>): Target {
  return { ...state, hold: reason, vetoed: [...state.vetoed, ...(vetoed ? [vetoed] : [])] };
}
