import { answer, HandleCommand } from '@m3/service-kit';
import { startedBy, type Clock } from '@m3/process';
import { Controller, Inject } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { cancelPublish } from '../../domain/publish.cancel.js';
import { CLOCK } from '../../tokens.js';
import { AdvancePublish } from '../../use-cases/advance-publish.js';
import type { PublishState } from '../../domain/publish.state.js';
import { PlanPublish } from '../../use-cases/plan-publish.js';
import { RequestTriggered } from '../../use-cases/request-triggered.js';

/** Operators' commands on publishes: plan one, cancel one. */
@Controller()
export class CommandsController {
  constructor(
    private readonly publishes: AdvancePublish,
    private readonly requests: RequestTriggered,
    private readonly plans: PlanPublish,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @HandleCommand('deployer.plan')
  plan(@Payload() payload: unknown) {
    return answer('deployer.plan', payload, (command) => this.plans.plan(command));
  }

  @HandleCommand('deployer.cancel')
  cancel(@Payload() payload: unknown) {
    return answer('deployer.cancel', payload, async ({ command_id, caller, publish_id, version_of, reason }) => {
      const context = startedBy(command_id, { kind: 'user', id: caller.id }, this.clock);
      // It was acknowledged when it was triggered, and may have got no further.
      if (version_of && !(await this.publishes.hasBegun(publish_id))) await this.requests.begin(publish_id, version_of);
      const { state, rejection } = await this.publishes.decide(publish_id, context, (current, moment) =>
        cancelPublish({ by: caller.id, reason }, current, moment),
      );
      if (rejection) return { outcome: 'rejected', rejection };
      return { outcome: 'accepted', result: { publish_id, status: cancelStatus(state) } };
    });
  }

  @HandleCommand('deployer.override')
  override(@Payload() payload: unknown) {
    return answer('deployer.override', payload, async ({ command_id, caller, publish_id, reason }) => {
      const context = startedBy(command_id, { kind: 'user', id: caller.id }, this.clock);
      const wish = { by: caller.id, roles: caller.roles, reason };
      const { state, rejection } = await this.publishes.override(publish_id, wish, context);
      if (rejection) return { outcome: 'rejected', rejection };
      return { outcome: 'accepted', result: { publish_id, status: state.status } };
    });
  }
}

function cancelStatus(state: PublishState): string {
  if (state.status === 'ended') return state.outcome;
  return state.status === 'restoring' || state.status === 'returning' ? 'rolling_back' : 'cancelling';
}
