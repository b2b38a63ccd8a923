import { Body, Param, Query, Res } from '@nestjs/common';
import {
  closed,
  DryRunQuery,
  ReasonBody,
  TargetAccepted,
  TargetAsOf,
  TargetDetail,
  TargetDocument,
  TargetDocuments,
  TargetList,
  TargetListQuery,
  TargetQuery,
  TargetsApplied,
} from '@m3/contracts';
import { Type } from '@sinclair/typebox';
import type { Response } from 'express';
import { CommandDesk } from '../commands/command-desk.js';
import { AskedBy, Revised, type Asked } from '../commands/asked.js';
import { etagOf } from '../http/if-match.js';
import { ProblemError, refuse } from '../http/problem-error.js';
import { roles } from '../http/route-spec.js';
import { ApiController, Route } from '../http/route.js';
import { TargetHistory } from '../read-models/target-history.js';
import { TargetReader } from '../read-models/target-reader.js';
import { foundOrRefuse } from './found-or-refuse.js';
import { ofOneDocument } from './one-document.js';
import { idOrName, nothing } from './request-parts.js';

type Switch = 'targets.enable' | 'targets.disable';
type ReasonedSwitch = 'targets.hold' | 'targets.release';

/** The form of documents is for their owner to judge, who says all that is wrong with them at once. */
const AnyDocument = Type.Object({}, { additionalProperties: true });
const AnyDocuments = Type.Object({ targets: Type.Array(AnyDocument, { minItems: 1, maxItems: 1000 }) }, closed);
const documents = {
  schema: Type.Union([TargetDocument, TargetDocuments]),
  choose: (body: unknown) => (isSeveral(body) ? AnyDocuments : AnyDocument),
};
const document = { schema: TargetDocument, choose: () => AnyDocument };

function isSeveral(body: unknown): body is { readonly targets: object[] } {
  return typeof body === 'object' && body !== null && 'targets' in body;
}

/** Publish targets: what they are and how they stand. */
@ApiController('targets')
export class TargetsController {
  constructor(
    private readonly targets: TargetReader,
    private readonly history: TargetHistory,
    private readonly commands: CommandDesk,
  ) {}

  @Route({
    method: 'GET',
    path: '',
    summary: 'List targets, newest first',
    roles: roles.readers,
    query: TargetListQuery,
    reply: { schema: TargetList },
  })
  list(@Query() query: TargetListQuery) {
    return this.targets.list(query);
  }

  @Route({
    method: 'POST',
    path: '',
    summary: 'Create or change targets; with dry_run only show what would change',
    roles: roles.managers,
    query: DryRunQuery,
    body: documents,
    conditional: true,
    reply: { schema: TargetsApplied },
  })
  apply(@Body() body: object, @Query() query: DryRunQuery, @Revised() revised: Revised) {
    return isSeveral(body) ? this.applied(body.targets, query, revised) : this.appliedOne(body, query, revised);
  }

  @Route({
    method: 'GET',
    path: ':target',
    summary: 'Show a target, as it is or, with at, as it stood at a time',
    roles: roles.readers,
    params: { target: idOrName },
    query: TargetQuery,
    conditional: true,
    reply: { schema: Type.Union([TargetDetail, TargetAsOf]) },
  })
  async show(
    @Param('target') target: string,
    @Query() { at }: TargetQuery,
    @Res({ passthrough: true }) response: Response,
  ): Promise<TargetDetail | TargetAsOf> {
    if (at !== undefined) return this.asOf(target, at);
    const detail = foundOrRefuse(await this.targets.detail(target), `target "${target}"`);
    response.set('ETag', etagOf(detail.revision, detail));
    return detail;
  }

  @Route({
    method: 'PUT',
    path: ':target',
    summary: 'Change a target; the document names the same target',
    roles: roles.managers,
    params: { target: idOrName },
    query: DryRunQuery,
    body: document,
    conditional: true,
    reply: { schema: TargetsApplied },
  })
  async change(
    @Param('target') target: string,
    @Body() body: object,
    @Query() query: DryRunQuery,
    @Revised() revised: Revised,
  ) {
    const { target_name } = await this.targets.known(target);
    const name: unknown = Reflect.get(body, 'name');
    if (typeof name === 'string' && name !== target_name) {
      throw refuse('name_mismatch', `This target is called "${target_name}", and names do not change.`, {
        field: '/name',
      });
    }
    return this.appliedOne(body, query, revised);
  }

  @Route(switching('enable', 'Let publishes to a target start again'))
  enable(@Param('target') target: string, @AskedBy() asked: Asked) {
    return this.switch('targets.enable', target, asked);
  }

  @Route(switching('disable', 'Stop all publishes to a target from starting'))
  disable(@Param('target') target: string, @AskedBy() asked: Asked) {
    return this.switch('targets.disable', target, asked);
  }

  @Route({ ...switching('hold', 'Stop automatic publishes to a target'), body: { schema: ReasonBody } })
  hold(@Param('target') target: string, @Body() body: ReasonBody, @AskedBy() asked: Asked) {
    return this.switchFor('targets.hold', target, { ...body, ...asked });
  }

  @Route({ ...switching('release', 'End the hold on a target'), body: { schema: ReasonBody } })
  release(@Param('target') target: string, @Body() body: ReasonBody, @AskedBy() asked: Asked) {
    return this.switchFor('targets.release', target, { ...body, ...asked });
  }

  private async applied(targets: object[], { dry_run = false }: DryRunQuery, revised: Revised) {
    const result = await this.commands.run('targets.apply', { ...revised, targets, dry_run });
    return { dry_run, ...result };
  }

  private async appliedOne(body: object, query: DryRunQuery, revised: Revised) {
    try {
      return await this.applied([body], query, revised);
    } catch (error) {
      throw error instanceof ProblemError ? ofOneDocument(error) : error;
    }
  }

  private async asOf(target: string, at: string): Promise<TargetAsOf> {
    return foundOrRefuse(await this.history.asOf(await this.targets.known(target), at), `target "${target}" at ${at}`);
  }

  private async switch(name: Switch, target: string, asked: Asked) {
    return this.commands.run(name, { ...asked, target_id: await this.idOf(target) });
  }

  private async switchFor(name: ReasonedSwitch, target: string, asked: Asked & ReasonBody) {
    return this.commands.run(name, { ...asked, target_id: await this.idOf(target) });
  }

  private async idOf(target: string): Promise<string> {
    return (await this.targets.known(target)).target_id;
  }
}

function switching(verb: string, summary: string) {
  return {
    method: 'POST',
    path: `:target/${verb}`,
    summary,
    roles: roles.managers,
    params: { target: idOrName },
    body: nothing,
    reply: { schema: TargetAccepted },
  } as const;
}
