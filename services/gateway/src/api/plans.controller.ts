import { Body } from '@nestjs/common';
import { PublishPlanRequest, PublishPlans } from '@m3/contracts';
import { AskedBy, type Asked } from '../commands/asked.js';
import { roles } from '../http/route-spec.js';
import { ApiController, Route } from '../http/route.js';
import { PlanPublishes } from './plan-publishes.js';

/** What publishes would do, said before anyone asks for them. */
@ApiController('publishes/plan')
export class PlansController {
  constructor(private readonly plans: PlanPublishes) {}

  @Route({
    method: 'POST',
    path: '',
    summary: 'What a publish would change, what would hold it up, and who could move it; nothing is changed',
    roles: roles.managers,
    body: { schema: PublishPlanRequest },
    reply: { schema: PublishPlans },
  })
  plan(@Body() request: PublishPlanRequest, @AskedBy() asked: Asked) {
    return this.plans.run(request, asked);
  }
}
