import type { EventData, TargetEvent } from '@m3/contracts';
import { accept, assertNever, reject, type Decider, type Refusal } from '@m3/decider';
import { evolveTarget, type Target, type TargetState, type VetoedVersion } from '@m3/policies';

type Settled = EventData<'TargetCreated'>;

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
