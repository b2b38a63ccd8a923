import { Body, Param, Query } from '@nestjs/common';
import {
  FreezeAccepted,
  FreezeDeclaration,
  FreezeList,
  FreezeListQuery,
  FreezeView,
  ReasonBody,
  type FreezeScope,
} from '@m3/contracts';
import { Type } from '@sinclair/typebox';
import { AskedBy, type Asked } from '../commands/asked.js';
import { CommandDesk } from '../commands/command-desk.js';
import { refuse } from '../http/problem-error.js';
import { roles } from '../http/route-spec.js';
import { ApiController, Route } from '../http/route.js';
import { FreezeReader } from '../read-models/freeze-reader.js';
import { TargetReader } from '../read-models/target-reader.js';
import { foundOrRefuse } from './found-or-refuse.js';

const freezeId = Type.String({ maxLength: 100, description: 'id of the freeze' });

/** When publishing is forbidden. */
@ApiController('freezes')
export class FreezesController {
  constructor(
    private readonly freezes: FreezeReader,
    private readonly targets: TargetReader,
    private readonly commands: CommandDesk,
  ) {}

  @Route({
    method: 'GET',
    path: '',
    summary: 'List freezes, the newest first',
    roles: roles.readers,
    query: FreezeListQuery,
    reply: { schema: FreezeList },
  })
  async list(@Query() query: FreezeListQuery) {
    return { items: await this.freezes.list(query) };
  }

  @Route({
    method: 'POST',
    path: '',
    summary: 'Declare a freeze: once this has answered, no publish that it concerns starts',
    roles: roles.managers,
    body: { schema: FreezeDeclaration },
    reply: { schema: FreezeAccepted },
  })
  async declare(@Body() { scope, ...freeze }: FreezeDeclaration, @AskedBy() asked: Asked) {
    return this.commands.run('freezes.declare', { ...asked, ...freeze, scope: await this.scope(scope) });
  }

  @Route({
    method: 'GET',
    path: ':freeze',
    summary: 'Show a freeze',
    roles: roles.readers,
    params: { freeze: freezeId },
    reply: { schema: FreezeView },
  })
  async show(@Param('freeze') id: string) {
    return foundOrRefuse(await this.freezes.detail(id), `freeze "${id}"`);
  }

  @Route({
    method: 'POST',
    path: ':freeze/lift',
    summary: 'Lift a freeze for good; publishes that wait for it go on',
    roles: roles.managers,
    params: { freeze: freezeId },
    body: { schema: ReasonBody },
    reply: { schema: FreezeAccepted },
  })
  async lift(@Param('freeze') id: string, @Body() { reason }: ReasonBody, @AskedBy() asked: Asked) {
    foundOrRefuse(await this.freezes.detail(id), `freeze "${id}"`);
    return this.commands.run('freezes.lift', { ...asked, freeze_id: id, reason });
  }

  private async scope(scope: FreezeDeclaration['scope']): Promise<FreezeScope> {
    if (scope.kind !== 'target') return scope;
    const target = await this.targets.ref(scope.target);
    if (target) return { kind: 'target', ...target };
    throw refuse('unknown_target', `There is no target "${scope.target}". Nothing was frozen.`, {
      field: '/scope/target',
    });
  }
}
