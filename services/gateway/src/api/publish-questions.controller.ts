import { Param } from '@nestjs/common';
import { PublishDraining, TrafficLook } from '@m3/contracts';
import { Type } from '@sinclair/typebox';
import { AskedBy, type Asked } from '../commands/asked.js';
import { CommandDesk } from '../commands/command-desk.js';
import { roles } from '../http/route-spec.js';
import { ApiController, Route } from '../http/route.js';
import { PublishReader } from '../read-models/publish-reader.js';
import { foundOrRefuse } from './found-or-refuse.js';

const ofPublish = {
  method: 'GET',
  roles: roles.readers,
  params: { publish: Type.String({ maxLength: 100, description: 'id of the publish' }) },
} as const;

/** What the target of a publish is asked when somebody wants to know. */
@ApiController('publishes')
export class PublishQuestionsController {
  constructor(
    private readonly publishes: PublishReader,
    private readonly commands: CommandDesk,
  ) {}

  @Route({
    ...ofPublish,
    path: ':publish/draining',
    summary: 'Executions that still run on other versions than the active one; unknown where the gateway cannot say',
    reply: { schema: PublishDraining },
  })
  draining(@Param('publish') id: string, @AskedBy() asked: Asked) {
    return this.ask('deployer.draining', id, asked);
  }

  @Route({
    ...ofPublish,
    path: ':publish/traffic',
    summary: 'How the version does with the share of new executions that it has now, and by what limits it is judged',
    reply: { schema: TrafficLook },
  })
  traffic(@Param('publish') id: string, @AskedBy() asked: Asked) {
    return this.ask('deployer.traffic', id, asked);
  }

  private async ask(question: 'deployer.draining' | 'deployer.traffic', id: string, asked: Asked) {
    foundOrRefuse(await this.publishes.row(id), `publish "${id}"`);
    return this.commands.run(question, { ...asked, publish_id: id });
  }
}
