import { Body, Param, Query, Req, Res } from '@nestjs/common';
import {
  GateName,
  OverrideAccepted,
  PublishCancelAccepted,
  PublishDetail,
  PublishEvents,
  PublishesAccepted,
  PublishList,
  PublishListQuery,
  PublishLogs,
  PublishOverrideAccepted,
  PublishRequest,
  PublishRetry,
  PublishRetryAccepted,
  PublishWhy,
  ReasonBody,
} from '@m3/contracts';
import { Type } from '@sinclair/typebox';
import type { Request, Response } from 'express';
import { CommandDesk } from '../commands/command-desk.js';
import { AskedBy, type Asked } from '../commands/asked.js';
import { roles } from '../http/route-spec.js';
import { ApiController, Route } from '../http/route.js';
import { logEvent } from '../live/log-event.js';
import { PublishReader } from '../read-models/publish-reader.js';
import { TargetReader } from '../read-models/target-reader.js';
import { foundOrRefuse } from './found-or-refuse.js';
import { RequestPublishes } from './request-publishes.js';

const publishId = Type.String({ maxLength: 100, description: 'id of the publish' });
const ofOne = { method: 'GET', roles: roles.readers, params: { publish: publishId } } as const;

/** Publishes: their history, one in detail, and asking for them. */
@ApiController('publishes')
export class PublishesController {
  constructor(
    private readonly publishes: PublishReader,
    private readonly targets: TargetReader,
    private readonly requests: RequestPublishes,
    private readonly commands: CommandDesk,
  ) {}

  @Route({
    method: 'GET',
    path: '',
    summary: 'List publishes, newest first',
    roles: roles.readers,
    query: PublishListQuery,
    reply: { schema: PublishList },
  })
  async list(@Query() query: PublishListQuery) {
    if (query.target === undefined) return this.publishes.list(query);
    const { target_id } = await this.targets.known(query.target);
    return this.publishes.list(query, target_id);
  }

  @Route({
    method: 'POST',
    path: '',
    summary: 'Publish a version to one or several targets',
    roles: roles.managers,
    body: { schema: PublishRequest },
    reply: { schema: PublishesAccepted },
    status: 202,
  })
  publish(@Body() request: PublishRequest, @AskedBy() asked: Asked) {
    return this.requests.run(request, asked);
  }

  @Route({ ...ofOne, path: ':publish', summary: 'Show a publish with its steps', reply: { schema: PublishDetail } })
  async show(@Param('publish') id: string) {
    return foundOrRefuse(await this.publishes.detail(id), `publish "${id}"`);
  }

  @Route({
    ...ofOne,
    path: ':publish/logs',
    summary: 'The log of a publish; with Accept: text/plain just its lines',
    reply: { schema: PublishLogs },
  })
  async logs(@Param('publish') id: string, @Req() request: Request, @Res({ passthrough: true }) response: Response) {
    const logs = foundOrRefuse(await this.publishes.logs(id), `publish "${id}"`);
    if (request.accepts(['application/json', 'text/plain']) !== 'text/plain') return logs;
    response.type('text/plain; charset=utf-8');
    return logs.lines.map(({ line }) => `${line}\n`).join('');
  }

  @Route({
    ...ofOne,
    path: ':publish/events',
    summary: 'The events of a publish, in order',
    reply: { schema: PublishEvents },
  })
  async events(@Param('publish') id: string) {
    const events = foundOrRefuse(await this.publishes.events(id), `publish "${id}"`);
    return { items: events.map(logEvent) };
  }

  @Route({
    ...ofOne,
    path: ':publish/why',
    summary: 'What a publish waits for, since when, and who or what can move it',
    reply: { schema: PublishWhy },
  })
  async why(@Param('publish') id: string) {
    return foundOrRefuse(await this.publishes.why(id), `publish "${id}"`);
  }

  @Route({
    ...ofOne,
    method: 'POST',
    path: ':publish/cancel',
    summary: 'Cancel a publish: before activation nothing remains, after it it is rolled back',
    roles: roles.managers,
    body: { schema: ReasonBody },
    reply: { schema: PublishCancelAccepted },
    status: 202,
  })
  async cancel(@Param('publish') id: string, @Body() { reason }: ReasonBody, @AskedBy() asked: Asked) {
    const { project, version } = await this.publishes.known(id);
    return this.commands.run('deployer.cancel', { ...asked, publish_id: id, reason, version_of: { project, version } });
  }

  @Route({
    ...ofOne,
    method: 'POST',
    path: ':publish/retry',
    summary: 'Do a publish again that ended without success: a new one, linked to it',
    roles: roles.managers,
    body: { schema: PublishRetry, optional: true },
    reply: { schema: PublishRetryAccepted },
    status: 202,
  })
  async retry(@Param('publish') id: string, @Body() { reason = null }: PublishRetry, @AskedBy() asked: Asked) {
    foundOrRefuse(await this.publishes.row(id), `publish "${id}"`);
    return this.commands.run('targets.retry', { ...asked, publish_id: id, reason });
  }

  @Route({
    ...ofOne,
    method: 'POST',
    path: ':publish/override',
    summary: 'Let a waiting publish start despite windows and freezes; what holds it up says which roles may',
    roles: roles.readers,
    body: { schema: ReasonBody },
    reply: { schema: PublishOverrideAccepted },
    status: 202,
  })
  async override(@Param('publish') id: string, @Body() { reason }: ReasonBody, @AskedBy() asked: Asked) {
    foundOrRefuse(await this.publishes.row(id), `publish "${id}"`);
    return this.commands.run('deployer.override', { ...asked, publish_id: id, reason });
  }

  @Route({
    method: 'POST',
    path: ':publish/gates/:gate/override',
    params: { publish: publishId, gate: GateName },
    summary: 'Let a publish go on although a quality gate did not pass; the target says which roles may',
    roles: roles.overriders,
    body: { schema: ReasonBody },
    reply: { schema: OverrideAccepted },
    status: 202,
  })
  async overrideGate(
    @Param() { publish, gate }: { readonly publish: string; readonly gate: string },
    @Body() { reason }: ReasonBody,
    @AskedBy() asked: Asked,
  ) {
    foundOrRefuse(await this.publishes.row(publish), `publish "${publish}"`);
    return this.commands.run('gates.override', { ...asked, publish_id: publish, gate, reason });
  }
}
