import { Param, Query } from '@nestjs/common';
import { OccurrenceList, OccurrenceListQuery, ScheduleQuery, ScheduleView } from '@m3/contracts';
import { refuse } from '../http/problem-error.js';
import { roles } from '../http/route-spec.js';
import { ApiController, Route } from '../http/route.js';
import { ScheduleReader } from '../read-models/schedule-reader.js';
import { TargetReader } from '../read-models/target-reader.js';
import { foundOrRefuse } from './found-or-refuse.js';
import { idOrName } from './request-parts.js';

/** When scheduled targets publish, and what came of it. */
@ApiController('targets')
export class SchedulesController {
  constructor(
    private readonly schedules: ScheduleReader,
    private readonly targets: TargetReader,
  ) {}

  @Route({
    method: 'GET',
    path: ':target/schedule',
    summary: 'The next times of a scheduled target, and what came of the last ones',
    roles: roles.readers,
    params: { target: idOrName },
    query: ScheduleQuery,
    reply: { schema: ScheduleView },
  })
  async schedule(@Param('target') target: string, @Query() query: ScheduleQuery): Promise<ScheduleView> {
    const schedule = foundOrRefuse(await this.schedules.schedule(target, query), `target "${target}"`);
    if (schedule === null) throw refuse('not_scheduled', `Target "${target}" is not of the type scheduled.`);
    return schedule;
  }

  @Route({
    method: 'GET',
    path: ':target/occurrences',
    summary: 'What came of the times of a scheduled target, newest first',
    roles: roles.readers,
    params: { target: idOrName },
    query: OccurrenceListQuery,
    reply: { schema: OccurrenceList },
  })
  async occurrences(@Param('target') target: string, @Query() query: OccurrenceListQuery): Promise<OccurrenceList> {
    const { target_id } = await this.targets.known(target);
    return this.schedules.occurrences(target_id, query);
  }
}
