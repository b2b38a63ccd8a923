import { Body, Param, Query } from '@nestjs/common';
import {
  EmergencyList,
  EmergencyListQuery,
  ReviewCloseAccepted,
  ReviewClosing,
  ReviewList,
  ReviewListQuery,
  ReviewView,
} from '@m3/contracts';
import { Type } from '@sinclair/typebox';
import { AskedBy, type Asked } from '../commands/asked.js';
import { CommandDesk } from '../commands/command-desk.js';
import { roles } from '../http/route-spec.js';
import { ApiController, Route } from '../http/route.js';
import { ReviewReader } from '../read-models/review-reader.js';
import { foundOrRefuse } from './found-or-refuse.js';

const params = { review: Type.String({ maxLength: 100, description: 'id of the review' }) };

/** What is learnt from emergencies, by somebody who did not ask for them. */
@ApiController('reviews')
export class ReviewsController {
  constructor(
    private readonly reviews: ReviewReader,
    private readonly commands: CommandDesk,
  ) {}

  @Route({
    method: 'GET',
    path: '',
    summary: 'List reviews of emergency publishes, newest first',
    roles: roles.readers,
    query: ReviewListQuery,
    reply: { schema: ReviewList },
  })
  list(@Query() query: ReviewListQuery) {
    return this.reviews.list(query);
  }

  @Route({
    method: 'GET',
    path: ':review',
    summary: 'Show the review of an emergency publish',
    roles: roles.readers,
    params,
    reply: { schema: ReviewView },
  })
  async show(@Param('review') id: string) {
    return foundOrRefuse(await this.reviews.detail(id), `review "${id}"`);
  }

  @Route({
    method: 'POST',
    path: ':review/close',
    summary: 'Close a review with its findings: the next emergency on that target is possible again',
    roles: roles.reviewers,
    params,
    body: { schema: ReviewClosing },
    reply: { schema: ReviewCloseAccepted },
  })
  async close(
    @Param('review') id: string,
    @Body() { findings, follow_ups = [] }: ReviewClosing,
    @AskedBy() asked: Asked,
  ) {
    foundOrRefuse(await this.reviews.detail(id), `review "${id}"`);
    return this.commands.run('reviews.close', { ...asked, review_id: id, findings, follow_ups });
  }
}

/** Emergencies of a span of time, for those who answer for them. */
@ApiController('emergencies')
export class EmergenciesController {
  constructor(private readonly reviews: ReviewReader) {}

  @Route({
    method: 'GET',
    path: '',
    summary: 'Report emergency publishes: who, why, what was skipped, how they ended, what was learnt',
    roles: roles.readers,
    query: EmergencyListQuery,
    reply: { schema: EmergencyList },
  })
  async list(@Query() query: EmergencyListQuery) {
    return { items: await this.reviews.emergencies(query) };
  }
}
