import type { ServiceRuntime } from '@m3/service-kit';
import { Module, type DynamicModule } from '@nestjs/common';
import { ApprovalsController } from './adapters/nats/approvals.controller.js';
import { DecideApprovals } from './use-cases/decide-approvals.js';
import { watchExpiries } from './use-cases/watch-expiries.js';

/** Requests for human decisions on publishes. */
@Module({})
export class ApprovalsModule {
  static create(runtime: ServiceRuntime): DynamicModule {
    const decisions = new DecideApprovals(runtime.store);
    const expiries = watchExpiries(runtime, decisions);
    expiries.start();
    runtime.onStop(() => expiries.stop());
    return {
      module: ApprovalsModule,
      controllers: [ApprovalsController],
      providers: [{ provide: DecideApprovals, useValue: decisions }],
    };
  }
}
