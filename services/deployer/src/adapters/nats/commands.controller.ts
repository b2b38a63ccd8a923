import { answer, HandleCommand } from '@m3/service-kit';
import { startedBy, type Clock } from '@m3/process';
import { Controller, Inject } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { cancelPublish } from '../../domain/publish.cancel.js';
import { CLOCK } from '../../tokens.js';
import { AdvancePublish } from '../../use-cases/advance-publish.js';
import { PlanPublish } from '../../use-cases/plan-publish.js';

/** Operators' commands on publishes: plan one, cancel one. */
@Controller()
export class CommandsController {
  constructor(
    private readonly publishes: AdvancePublish,
    private readonly plans: PlanPublish,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @HandleCommand('deployer.plan')
  plan(@Payload() payload: unknown) {
    return answer('deployer.plan', payload, (command) => this.plans.plan(command));
  }

  @HandleCommand('deployer.cancel')
  cancel(@Payload() payload: unknown) {
    return answer('deployer.cancel', payload, async ({ command_id, caller, publish_id, reason }) => {
      const context = startedBy(command_id, { kind: 'user', id: caller.id }, this.clock);
      const decided = await this.publishes.decide(publish_id, context, (state) =>
        cancelPublish({ by: caller.id, reason }, state),
      );
      if (decided.rejection) return { outcome: 'rejected', rejection: decided.rejection };
      const { state } = decided;
      return {
        outcome: 'accepted',
        result: { publish_id, status: state.status === 'ended' ? state.outcome : 'cancelling' },
      };
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
