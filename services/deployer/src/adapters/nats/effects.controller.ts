import { declared, type RecordedEventOf } from '@m3/contracts';
import { HandleEvent } from '@m3/messaging';
import { Controller } from '@nestjs/common';
import { RunEffect } from '../../use-cases/run-effect.js';

/** The steps that the deployer does itself. */
@Controller()
export class EffectsController {
  constructor(private readonly effects: RunEffect) {}

  @HandleEvent(declared('DeploymentRequested'), { concurrency: 32, ackWaitMs: 60_000 })
  deploy(event: RecordedEventOf<'DeploymentRequested'>): Promise<void> {
    return this.effects.deployment(event);
  }

  @HandleEvent(declared('ActivationRequested'), { concurrency: 32, ackWaitMs: 60_000 })
  activate(event: RecordedEventOf<'ActivationRequested'>): Promise<void> {
    return this.effects.activation(event);
  }

  @HandleEvent(declared('VerificationRequested'), { concurrency: 32, ackWaitMs: 60_000 })
  verify(event: RecordedEventOf<'VerificationRequested'>): Promise<void> {
    return this.effects.verification(event);
  }
}
