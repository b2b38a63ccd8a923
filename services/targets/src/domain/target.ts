import type { EventData, TargetEvent } from '@m3/contracts';
import { accept, assertNever, reject, type Decider, type Refusal } from '@m3/decider';
import { evolveTarget, type Target, type TargetState, type VetoedVersion } from '@m3/policies';

type Settled = EventData<'TargetCreated'>;

export type TargetCommand =
  | { readonly type: 'settle'; readonly settled: Settled }
  | { readonly type: 'enable' | 'disable' }
  | { readonly type: 'hold'; readonly reason: string; readonly vetoed?: VetoedVersion }
  | { readonly type: 'release'; readonly reason: string };

export type TargetCode = 'target_not_found';

/** A target's configuration, whether it takes publishes, and whether automatic ones are held. */
export const target: Decider<TargetState, TargetCommand, TargetEvent, Refusal<TargetCode>> = {
  initial: null,
  evolve: evolveTarget,
  decide(command, state) {
    if (command.type === 'settle') return settle(command.settled, state);
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

function settle(settled: Settled, state: TargetState) {
  if (state === null) return accept<TargetEvent>({ type: 'TargetCreated', data: settled });
  return state.config_digest === settled.config_digest
    ? accept<TargetEvent>()
    : accept<TargetEvent>({ type: 'TargetChanged', data: settled });
}
