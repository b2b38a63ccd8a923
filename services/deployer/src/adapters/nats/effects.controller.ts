import { declared, type RecordedEventOf } from '@m3/contracts';
import { HandleEvent, type Delivery } from '@m3/messaging';
import { Controller } from '@nestjs/common';
import { BringTraffic } from '../../use-cases/bring-traffic.js';
import { RunEffect } from '../../use-cases/run-effect.js';

/** The steps that the deployer does itself. */
@Controller()
export class EffectsController {
  constructor(
    private readonly effects: RunEffect,
    private readonly traffic: BringTraffic,
  ) {}

  @HandleEvent(declared('DeploymentRequested'), { concurrency: 32, own: true })
  deploy(event: RecordedEventOf<'DeploymentRequested'>, delivery: Delivery): Promise<void> {
    return this.effects.deployment(event, delivery);
  }

  @HandleEvent(declared('ActivationRequested'), { concurrency: 32, own: true })
  activate(event: RecordedEventOf<'ActivationRequested'>, delivery: Delivery): Promise<void> {
    return this.effects.activation(event, delivery);
  }

  @HandleEvent(declared('TrafficShiftRequested'), { concurrency: 32, own: true })
  shiftTraffic(event: RecordedEventOf<'TrafficShiftRequested'>, delivery: Delivery): Promise<void> {
    return this.traffic.shift(event, delivery);
  }

  @HandleEvent(declared('TrafficReturnRequested'), { concurrency: 32, own: true })
  returnTraffic(event: RecordedEventOf<'TrafficReturnRequested'>, delivery: Delivery): Promise<void> {
    return this.traffic.giveBack(event, delivery);
  }

  @HandleEvent(declared('RoutingStopRequested'), { concurrency: 32, own: true })
  stopRouting(event: RecordedEventOf<'RoutingStopRequested'>, delivery: Delivery): Promise<void> {
    return this.effects.routingStop(event, delivery);
  }

  @HandleEvent(declared('ReactivationRequested'), { concurrency: 32, own: true })
  reactivate(event: RecordedEventOf<'ReactivationRequested'>, delivery: Delivery): Promise<void> {
    return this.effects.reactivation(event, delivery);
  }

  @HandleEvent(declared('VerificationRequested'), { concurrency: 32, own: true })
  verify(event: RecordedEventOf<'VerificationRequested'>, delivery: Delivery): Promise<void> {
    return this.effects.verification(event, delivery);
  }

  @HandleEvent(declared('TargetStateRequested'), { concurrency: 32, own: true })
  ask(event: RecordedEventOf<'TargetStateRequested'>, delivery: Delivery): Promise<void> {
    return this.effects.inquiry(event, delivery);
  }
}
