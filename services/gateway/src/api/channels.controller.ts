import { Param } from '@nestjs/common';
import { ChannelList, ChannelTested } from '@m3/contracts';
import { Type } from '@sinclair/typebox';
import { AskedBy, type Asked } from '../commands/asked.js';
import { CommandDesk } from '../commands/command-desk.js';
import { roles } from '../http/route-spec.js';
import { ApiController, Route } from '../http/route.js';
import { nothing } from './request-parts.js';

/** Where notifications go. */
@ApiController('channels')
export class ChannelsController {
  constructor(private readonly commands: CommandDesk) {}

  @Route({
    method: 'GET',
    path: '',
    summary: 'List the channels that notifications go to, and what each is told of',
    roles: roles.readers,
    reply: { schema: ChannelList },
  })
  list(@AskedBy() asked: Asked) {
    return this.commands.run('notifier.channels', asked);
  }

  @Route({
    method: 'POST',
    path: ':channel/test',
    summary: 'Send a test to a channel, whatever its rules; nobody is paged by it',
    roles: roles.managers,
    params: { channel: Type.String({ minLength: 1, maxLength: 100, description: 'name of the channel' }) },
    body: nothing,
    reply: { schema: ChannelTested },
  })
  test(@Param('channel') channel: string, @AskedBy() asked: Asked) {
    return this.commands.run('notifier.test_channel', { ...asked, channel });
  }
}
