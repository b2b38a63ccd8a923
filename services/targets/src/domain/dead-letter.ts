import type { DeadLetterEvent } from '@m3/contracts';
import { accept, assertNever, reject, type Decider } from '@m3/decider';

export interface DeadLetterState {
  readonly status: 'absent' | 'kept' | 'discarded';
  /** The replays that were asked for. */
  readonly replays: readonly string[];
}
export type DeadLetterCommand =
  | { readonly type: 'replay'; readonly deadLetterId: string; readonly by: string; readonly replayId: string }
  | { readonly type: 'discard'; readonly deadLetterId: string; readonly by: string; readonly reason: string };

/** What operators do with a message that could not be handled. It may be replayed as often as wanted, until it is discarded. */
export const deadLetter: Decider<DeadLetterState, DeadLetterCommand, DeadLetterEvent> = {
  initial: { status: 'absent', replays: [] },
  evolve(state, event) {
    switch (event.type) {
      case 'DeadLetterRecorded':
        return { ...state, status: 'kept' };
      case 'DeadLetterReplayed':
        return { ...state, replays: [...state.replays, event.data.replay_id ?? ''] };
      case 'DeadLetterFailedAgain':
        return state;
      case 'DeadLetterDiscarded':
        return { ...state, status: 'discarded' };
      default:
        return assertNever(event);
    }
  },
  decide(command, { status, replays }) {
    if (status === 'absent') return reject('dead_letter_not_found', 'there is no such dead letter', 'dead_letter_id');
    const data = { dead_letter_id: command.deadLetterId, by: command.by };
    if (command.type === 'discard') {
      return status === 'discarded'
        ? accept()
        : accept({ type: 'DeadLetterDiscarded', data: { ...data, reason: command.reason } });
    }
    if (status === 'discarded')
      return reject('dead_letter_discarded', 'the dead letter was discarded; it cannot be replayed');
    return replays.includes(command.replayId)
      ? accept()
      : accept({ type: 'DeadLetterReplayed', data: { ...data, replay_id: command.replayId } });
  },
};
