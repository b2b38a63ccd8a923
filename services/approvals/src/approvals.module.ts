import type { ServiceRuntime } from '@m3/service-kit';
import { Module, type DynamicModule } from '@nestjs/common';
import { ApprovalsController } from './adapters/nats/approvals.controller.js';
import { ReviewsController } from './adapters/nats/reviews.controller.js';
import { DecideApprovals } from './use-cases/decide-approvals.js';
import { KeepReviews } from './use-cases/keep-reviews.js';
import { KnownPeople } from './use-cases/known-people.js';
import { watchExpiries } from './use-cases/watch-expiries.js';

/** Requests for human decisions on publishes. */
@Module({})
export class ApprovalsModule {
  static create(runtime: ServiceRuntime): DynamicModule {
    const people = new KnownPeople(runtime.store);
    const decisions = new DecideApprovals(runtime.store, people);
    const expiries = watchExpiries(runtime, decisions);
    expiries.start();
    runtime.onStop(() => expiries.stop());
    return {
      module: ApprovalsModule,
      controllers: [ApprovalsController, ReviewsController],
      providers: [
        { provide: DecideApprovals, useValue: decisions },
        { provide: KnownPeople, useValue: people },
        { provide: KeepReviews, useValue: new KeepReviews(runtime.store) },
      ],
    };
  }
}
