import { startedBy } from '@m3/process';
import { answer, HandleCommand, RUNTIME, type ServiceRuntime } from '@m3/service-kit';
import { Controller, Inject } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { TestChannels } from '../../use-cases/test-channels.js';

@Controller()
export class ChannelsController {
  constructor(
    private readonly channels: TestChannels,
    @Inject(RUNTIME) private readonly runtime: Pick<ServiceRuntime, 'clock'>,
  ) {}

  @HandleCommand('notifier.channels')
  list(@Payload() payload: unknown) {
    return answer('notifier.channels', payload, async () => ({
      outcome: 'accepted',
      result: { items: [...this.channels.list()] },
    }));
  }

  @HandleCommand('notifier.test_channel')
  test(@Payload() payload: unknown) {
    return answer('notifier.test_channel', payload, ({ command_id, caller, channel }) => {
      const context = startedBy(command_id, { kind: 'user', id: caller.id }, this.runtime.clock);
      return this.channels.test(channel, context);
    });
  }
}
