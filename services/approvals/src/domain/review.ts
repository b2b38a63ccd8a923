import type { EventData, ReviewEvent } from '@m3/contracts';
import { accept, assertNever, reject, type Decider, type Refusal } from '@m3/decider';

type Opened = EventData<'ReviewOpened'>;
type Closed = EventData<'ReviewClosed'>;

export type ReviewState =
  | { readonly status: 'absent' }
  | { readonly status: 'open'; readonly opened: Opened }
  | { readonly status: 'closed'; readonly opened: Opened; readonly closed: Closed };

export type ReviewCommand =
  | { readonly type: 'open'; readonly request: EventData<'ReviewRequested'> }
  | ({ readonly type: 'close' } & Pick<Closed, 'by' | 'findings' | 'follow_ups'>);

export type ReviewCode = 'review_not_found' | 'review_closed' | 'self_review_forbidden';

/** What is learnt from an emergency. While it is open there is no next emergency on that target. */
export const review: Decider<ReviewState, ReviewCommand, ReviewEvent, Refusal<ReviewCode>> = {
  initial: { status: 'absent' },
  evolve(state, event) {
    switch (event.type) {
      case 'ReviewOpened':
        return { status: 'open', opened: event.data };
      case 'ReviewClosed':
        if (state.status !== 'open') throw new Error(`ReviewClosed on a review that is ${state.status}`);
        return { status: 'closed', opened: state.opened, closed: event.data };
      default:
        return assertNever(event);
    }
  },
  decide(command, state) {
    if (command.type === 'open') return state.status === 'absent' ? accept(opening(command.request)) : accept();
    if (state.status === 'absent') return reject('review_not_found', 'there is no such review', 'review_id');
    const { by, findings, follow_ups } = command;
    const { review_id, publish_id, target_id, requested_by } = state.opened;
    if (by === requested_by)
      return reject('self_review_forbidden', `${by} asked for the emergency; somebody else has to review it`);
    if (state.status === 'closed') {
      const same = state.closed.by === by && state.closed.findings === findings;
      return same ? accept() : reject('review_closed', `${state.closed.by} has closed the review already`);
    }
    return accept({ type: 'ReviewClosed', data: { review_id, publish_id, target_id, by, findings, follow_ups } });
  },
};

function opening(request: EventData<'ReviewRequested'>): ReviewEvent {
  const { publish_id, target_id } = request.subject;
  return { type: 'ReviewOpened', data: { ...request, publish_id, target_id } };
}
