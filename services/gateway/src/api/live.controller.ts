import { Param, Query, Req, Res } from '@nestjs/common';
import { StreamQuery } from '@m3/contracts';
import { Type } from '@sinclair/typebox';
import type { Request, Response } from 'express';
import { signedInOf } from '../http/api-request.js';
import { refuse } from '../http/problem-error.js';
import { roles } from '../http/route-spec.js';
import { ApiController, Route } from '../http/route.js';
import { sendEventStream } from '../live/event-stream.js';
import { LiveStreams, type Slice } from '../live/live-streams.js';
import { StreamPlaces } from '../live/stream-places.js';
import { PublishReader } from '../read-models/publish-reader.js';
import { TargetReader } from '../read-models/target-reader.js';
import { foundOrRefuse } from './found-or-refuse.js';

const events = {
  contentType: 'text/event-stream',
  description: 'Each message is a LogEvent; its id is the seq to go on from, by Last-Event-ID or ?from=',
} as const;
const HEARTBEAT_MS = 15_000;

type Open = (signal: AbortSignal) => AsyncIterable<Slice>;

/** The log as it grows. */
@ApiController('')
export class LiveController {
  constructor(
    private readonly streams: LiveStreams,
    private readonly places: StreamPlaces,
    private readonly publishes: PublishReader,
    private readonly targets: TargetReader,
  ) {}

  @Route({
    method: 'GET',
    path: 'stream',
    summary: 'Follow everything, or all about one target, from now on or from a place in the log',
    roles: roles.readers,
    query: StreamQuery,
    reply: events,
  })
  async everything(@Query() query: StreamQuery, @Req() request: Request, @Res() response: Response): Promise<void> {
    const from = (await this.start(query, request)) ?? this.streams.head;
    if (query.target === undefined) {
      return this.follow(request, response, (signal) => this.streams.all(from, signal));
    }
    const { target_id } = await this.targets.known(query.target);
    return this.follow(request, response, (signal) => this.streams.ofTarget(target_id, from, signal));
  }

  @Route({
    method: 'GET',
    path: 'publishes/:publish/stream',
    summary: 'Follow one publish, from its beginning or from a place in the log',
    roles: roles.readers,
    params: { publish: Type.String({ maxLength: 100, description: 'id of the publish' }) },
    query: Type.Omit(StreamQuery, ['target']),
    reply: events,
  })
  async publish(
    @Param('publish') id: string,
    @Query() query: StreamQuery,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const from = (await this.start(query, request)) ?? 0;
    foundOrRefuse(await this.publishes.row(id), `publish "${id}"`);
    return this.follow(request, response, (signal) => this.streams.ofPublish(id, from, signal));
  }

  private async follow(request: Request, response: Response, open: Open): Promise<void> {
    const { caller, until } = signedInOf(request);
    await this.places.hold(caller.id, () => sendEventStream(response, open, { until, heartbeatMs: HEARTBEAT_MS }));
  }

  /** After which event the stream begins; undefined: the reader did not say. */
  private async start({ from }: StreamQuery, { headers }: Request): Promise<number | undefined> {
    const last = headers['last-event-id'];
    const start = last === undefined || last === '' ? from : Number(last);
    if (start === undefined) return undefined;
    if (!Number.isSafeInteger(start) || start < 0) {
      throw refuse('invalid_query', 'Last-Event-ID must be the id of an event of this stream.');
    }
    if (await this.streams.hasReached(start)) return start;
    throw refuse('position_ahead_of_log', `The log has no event ${start} yet: this place is from another log.`);
  }
}
