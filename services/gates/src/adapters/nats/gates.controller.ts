import { declared, type RecordedEventOf } from '@m3/contracts';
import { HandleEvent, type Delivery } from '@m3/messaging';
import { answer, HandleCommand } from '@m3/service-kit';
import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { PlanGates } from '../../use-cases/plan-gates.js';
import { RunGates } from '../../use-cases/run-gates.js';
import { RunValidation } from '../../use-cases/run-validation.js';
import { SettleGates } from '../../use-cases/settle-gates.js';

@Controller()
export class GatesController {
  constructor(
    private readonly validation: RunValidation,
    private readonly gates: RunGates,
    private readonly settle: SettleGates,
    private readonly plans: PlanGates,
  ) {}

  @HandleEvent(declared('ValidationRequested'), { concurrency: 32, ackWaitMs: 60_000 })
  validate(event: RecordedEventOf<'ValidationRequested'>, delivery: Delivery): Promise<void> {
    return this.validation.validate(event, delivery);
  }

  /** Gates that run tests take their time: many may do so side by side before others have to wait. */
  @HandleEvent(declared('GatesRequested'), { concurrency: 64, ackWaitMs: 60_000 })
  judge(event: RecordedEventOf<'GatesRequested'>, delivery: Delivery): Promise<void> {
    return this.gates.judge(event, delivery);
  }

  @HandleCommand('gates.preflight')
  preflight(@Payload() payload: unknown) {
    return answer('gates.preflight', payload, async (command) => ({
      outcome: 'accepted',
      result: await this.validation.preview(command),
    }));
  }

  @HandleCommand('gates.planned')
  planned(@Payload() payload: unknown) {
    return answer('gates.planned', payload, (command) => this.plans.plan(command));
  }

  @HandleCommand('gates.override')
  override(@Payload() payload: unknown) {
    return answer('gates.override', payload, (command) => this.settle.override(command));
  }

  @HandleCommand('gates.callback')
  callBack(@Payload() payload: unknown) {
    return answer('gates.callback', payload, (command) => this.settle.callBack(command));
  }
}
