import { answer, HandleCommand } from '@m3/service-kit';
import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { AskDraining } from '../../use-cases/ask-draining.js';
import { AskTraffic } from '../../use-cases/ask-traffic.js';

/** What operators ask a target about a publish: what still runs on another version, how its share of the traffic does. */
@Controller()
export class QuestionsController {
  constructor(
    private readonly executions: AskDraining,
    private readonly share: AskTraffic,
  ) {}

  @HandleCommand('deployer.draining')
  draining(@Payload() payload: unknown) {
    return answer('deployer.draining', payload, ({ publish_id }) => this.executions.of(publish_id));
  }

  @HandleCommand('deployer.traffic')
  traffic(@Payload() payload: unknown) {
    return answer('deployer.traffic', payload, ({ publish_id }) => this.share.of(publish_id));
  }
}
