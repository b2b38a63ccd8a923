import { Param, Query } from '@nestjs/common';
import { TargetChanges, TargetChangesQuery, TargetHealth, TargetProbe } from '@m3/contracts';
import { AskedBy, type Asked } from '../commands/asked.js';
import { CommandDesk } from '../commands/command-desk.js';
import { roles } from '../http/route-spec.js';
import { ApiController, Route } from '../http/route.js';
import { TargetHistory } from '../read-models/target-history.js';
import { TargetReader } from '../read-models/target-reader.js';
import { idOrName, nothing } from './request-parts.js';

/** What is on record about targets: their changes, and how they answered when they were probed. */
@ApiController('targets')
export class TargetRecordsController {
  constructor(
    private readonly targets: TargetReader,
    private readonly history: TargetHistory,
    private readonly commands: CommandDesk,
  ) {}

  @Route({
    method: 'GET',
    path: ':target/changes',
    summary: 'Changes of a target, newest first: who changed which fields, and when',
    roles: roles.readers,
    params: { target: idOrName },
    query: TargetChangesQuery,
    reply: { schema: TargetChanges },
  })
  async changes(@Param('target') target: string, @Query() query: TargetChangesQuery) {
    return this.history.changes(await this.targets.known(target), query);
  }

  @Route({
    method: 'GET',
    path: ':target/health',
    summary: 'Health of a target, with the probes of the last time',
    roles: roles.readers,
    params: { target: idOrName },
    reply: { schema: TargetHealth },
  })
  async health(@Param('target') target: string, @AskedBy() asked: Asked) {
    const { target_id } = await this.targets.known(target);
    return this.commands.run('targets.health', { ...asked, target_id });
  }

  @Route({
    method: 'POST',
    path: ':target/check',
    summary: 'Probe a target now: latencies of gateway and database, and what fails',
    roles: roles.managers,
    params: { target: idOrName },
    body: nothing,
    reply: { schema: TargetProbe },
  })
  async check(@Param('target') target: string, @AskedBy() asked: Asked) {
    const { target_id } = await this.targets.known(target);
    return this.commands.run('targets.check', { ...asked, target_id });
  }
}
