import { answer, HandleCommand } from '@m3/service-kit';
import { startedBy, type Clock } from '@m3/process';
import { Controller, Inject } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { CLOCK } from '../../tokens.js';
import { RequestRollback } from '../../use-cases/request-rollback.js';

/** Operators' commands about going back: plan a rollback, ask for one. */
@Controller()
export class RollbacksController {
  constructor(
    private readonly rollbacks: RequestRollback,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @HandleCommand('deployer.plan_rollback')
  plan(@Payload() payload: unknown) {
    return answer('deployer.plan_rollback', payload, (command) => this.rollbacks.plan(command));
  }

  @HandleCommand('deployer.rollback')
  rollback(@Payload() payload: unknown) {
    return answer('deployer.rollback', payload, (command) => {
      const actor = { kind: 'user', id: command.caller.id } as const;
      return this.rollbacks.request(command, startedBy(command.command_id, actor, this.clock));
    });
  }
}
