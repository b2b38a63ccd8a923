import { answer, HandleCommand } from '@m3/service-kit';
import { reject } from '@m3/decider';
import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { ProbeTargets } from '../../use-cases/probe-targets.js';

/** Operators' questions about the health of targets. */
@Controller()
export class HealthCommandsController {
  constructor(private readonly probes: ProbeTargets) {}

  @HandleCommand('targets.check')
  check(@Payload() payload: unknown) {
    return answer('targets.check', payload, async ({ target_id }) => {
      const result = await this.probes.probeNow(target_id);
      return result ? { outcome: 'accepted', result } : noTarget;
    });
  }

  @HandleCommand('targets.health')
  health(@Payload() payload: unknown) {
    return answer('targets.health', payload, async ({ target_id }) => {
      const result = await this.probes.health(target_id);
      return result ? { outcome: 'accepted', result } : noTarget;
    });
  }
}

const noTarget = reject('target_not_found', 'there is no such target', 'target_id');
