import { Body, Param, Query } from '@nestjs/common';
import {
  DryRunQuery,
  ReasonBody,
  TargetAccepted,
  TargetDetail,
  TargetDocument,
  TargetDocuments,
  TargetList,
  TargetListQuery,
  TargetsApplied,
} from '@m3/contracts';
import { Type } from '@sinclair/typebox';
import { CommandDesk } from '../commands/command-desk.js';
import { AskedBy, type Asked } from '../commands/asked.js';
import { refuse } from '../http/problem-error.js';
import { roles } from '../http/route-spec.js';
import { ApiController, Route } from '../http/route.js';
import { TargetReader } from '../read-models/target-reader.js';
import { foundOrRefuse } from './found-or-refuse.js';
import { idOrName, nothing } from './request-parts.js';

type Switch = 'targets.enable' | 'targets.disable';
type ReasonedSwitch = 'targets.hold' | 'targets.release';

const documents = {
  schema: Type.Union([TargetDocument, TargetDocuments]),
  choose: (body: unknown) =>
    typeof body === 'object' && body !== null && 'targets' in body ? TargetDocuments : TargetDocument,
};

/** Publish targets: what they are and how they stand. */
@ApiController('targets')
export class TargetsController {
  constructor(
    private readonly targets: TargetReader,
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
    reply: { schema: TargetsApplied },
  })
  apply(@Body() body: TargetDocument | TargetDocuments, @Query() query: DryRunQuery, @AskedBy() asked: Asked) {
    return this.applied('targets' in body ? body.targets : [body], query, asked);
  }

  @Route({
    method: 'GET',
    path: ':target',
    summary: 'Show a target',
    roles: roles.readers,
    params: { target: idOrName },
    reply: { schema: TargetDetail },
  })
  async show(@Param('target') target: string) {
    return foundOrRefuse(await this.targets.detail(target), `target "${target}"`);
  }

  @Route({
    method: 'PUT',
    path: ':target',
    summary: 'Change a target; the document names the same target',
    roles: roles.managers,
    params: { target: idOrName },
    query: DryRunQuery,
    body: { schema: TargetDocument },
    reply: { schema: TargetsApplied },
  })
  async change(
    @Param('target') target: string,
    @Body() document: TargetDocument,
    @Query() query: DryRunQuery,
    @AskedBy() asked: Asked,
  ) {
    const { target_name } = foundOrRefuse(await this.targets.ref(target), `target "${target}"`);
    if (document.name !== target_name) {
      throw refuse('name_mismatch', `This target is called "${target_name}", and names do not change.`, {
        field: '/name',
      });
    }
    return this.applied([document], query, asked);
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

  private async applied(targets: TargetDocument[], { dry_run = false }: DryRunQuery, asked: Asked) {
    const result = await this.commands.run('targets.apply', { ...asked, targets, dry_run });
    return { dry_run, ...result };
  }

  private async switch(name: Switch, target: string, asked: Asked) {
    return this.commands.run(name, { ...asked, target_id: await this.idOf(target) });
  }

  private async switchFor(name: ReasonedSwitch, target: string, asked: Asked & ReasonBody) {
    return this.commands.run(name, { ...asked, target_id: await this.idOf(target) });
  }

  private async idOf(target: string): Promise<string> {
    return foundOrRefuse(await this.targets.ref(target), `target "${target}"`).target_id;
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
