import { declared, type Actor, type RecordedEventOf } from '@m3/contracts';
import { HandleEvent } from '@m3/messaging';
import { causedBy, startedBy } from '@m3/process';
import { answer, HandleCommand, RUNTIME, type ServiceRuntime } from '@m3/service-kit';
import { Controller, Inject } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { KeepReviews } from '../../use-cases/keep-reviews.js';

const approvals: Actor = { kind: 'service', id: 'approvals' };

@Controller()
export class ReviewsController {
  constructor(
    private readonly reviews: KeepReviews,
    @Inject(RUNTIME) private readonly runtime: Pick<ServiceRuntime, 'clock'>,
  ) {}

  @HandleEvent(declared('ReviewRequested'))
  async requested(event: RecordedEventOf<'ReviewRequested'>): Promise<void> {
    const context = causedBy(event, approvals, this.runtime.clock);
    await this.reviews.handle(event.data.review_id, { type: 'open', request: event.data }, context);
  }

  @HandleCommand('reviews.close')
  close(@Payload() payload: unknown) {
    return answer('reviews.close', payload, async ({ command_id, caller, review_id, findings, follow_ups }) => {
      const context = startedBy(command_id, { kind: 'user', id: caller.id }, this.runtime.clock);
      const closing = { type: 'close', by: caller.id, findings, follow_ups } as const;
      const decided = await this.reviews.handle(review_id, closing, context);
      if (decided.outcome === 'rejected') return { outcome: 'rejected', rejection: decided.rejection };
      return { outcome: 'accepted', result: { review_id } };
    });
  }
}
