import { reviewEvents, type ReviewEvent } from '@m3/contracts';
import type { AppendContext, EventStore } from '@m3/event-store';
import { decideAndAppend, eventsIn, StreamStates, type Decided } from '@m3/process';
import { review, type ReviewCommand, type ReviewState } from '../domain/review.js';

/** Carries out commands on reviews. */
export class KeepReviews {
  private readonly states: StreamStates<ReviewState, ReviewEvent>;

  constructor(private readonly store: EventStore) {
    const { initial, evolve } = review;
    this.states = new StreamStates(store, { initial, evolve, accepts: eventsIn<ReviewEvent>(reviewEvents) });
  }

  handle(reviewId: string, command: ReviewCommand, context: AppendContext): Promise<Decided<ReviewState>> {
    return decideAndAppend({
      ...{ store: this.store, states: this.states, stream: `review-${reviewId}`, context },
      decide: (state) => review.decide(command, state),
    });
  }
}
