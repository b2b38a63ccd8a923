import { answer, HandleCommand, RUNTIME, type ServiceRuntime } from '@m3/service-kit';
import { Controller, Inject } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { RotateSecrets } from '../../use-cases/rotate-secrets.js';
import { commandContext } from './command-context.js';

/** Administrators' commands on the keys of secrets. */
@Controller()
export class SecretCommandsController {
  constructor(
    private readonly rotation: RotateSecrets,
    @Inject(RUNTIME) private readonly runtime: ServiceRuntime,
  ) {}

  @HandleCommand('targets.rotate_secrets')
  rotate(@Payload() payload: unknown) {
    return answer('targets.rotate_secrets', payload, async (command) => ({
      outcome: 'accepted',
      result: await this.rotation.rotate(commandContext(this.runtime, command)),
    }));
  }
}
