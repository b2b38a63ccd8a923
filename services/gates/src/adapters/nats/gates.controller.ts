import { declared, type RecordedEventOf } from '@m3/contracts';
import { HandleEvent, type Delivery } from '@m3/messaging';
import { Controller } from '@nestjs/common';
import { RunGates } from '../../use-cases/run-gates.js';

@Controller()
export class GatesController {
  constructor(private readonly gates: RunGates) {}

  @HandleEvent(declared('ValidationRequested'), { concurrency: 32, ackWaitMs: 60_000 })
  validate(event: RecordedEventOf<'ValidationRequested'>, delivery: Delivery): Promise<void> {
    return this.gates.validate(event, delivery);
  }

  @HandleEvent(declared('GatesRequested'), { concurrency: 32, ackWaitMs: 60_000 })
  judge(event: RecordedEventOf<'GatesRequested'>, delivery: Delivery): Promise<void> {
    return this.gates.judge(event, delivery);
  }
}
