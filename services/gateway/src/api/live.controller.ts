import { Headers, Param, Query, Req, Res } from '@nestjs/common';
import { AuditQuery, StreamQuery } from '@m3/contracts';
import type { EventStore } from '@m3/event-store';
import { Type } from '@sinclair/typebox';
import type { Request, Response } from 'express';
import { signedInOf } from '../http/api-request.js';
import { refuse } from '../http/problem-error.js';
import { roles } from '../http/route-spec.js';
import { ApiController, Route } from '../http/route.js';
import { sendAuditExport } from '../live/audit-export.js';
import { sendEventStream } from '../live/event-stream.js';
import { LiveStreams, type Slice } from '../live/live-streams.js';
import { StreamPlaces } from '../live/stream-places.js';
import { PublishReader } from '../read-models/publish-reader.js';
import { TargetReader } from '../read-models/target-reader.js';
import { foundOrRefuse } from './found-or-refuse.js';

/** What the streams need of the log. A class, so that Nest can inject by it. */
export abstract class LogReader {
  abstract readLog: EventStore['readLog'];
  abstract lastSeq: EventStore['lastSeq'];
}

const events = {
  contentType: 'text/event-stream',
  description: 'Each message is a LogEvent; its id is the seq to go on from, by Last-Event-ID or ?from=',
} as const;
const HEARTBEAT_MS = 15_000;

type Open = (signal: AbortSignal) => AsyncIterable<Slice>;

/** The log as it grows, and as a whole. */
@ApiController('')
export class LiveController {
  constructor(
    private readonly streams: LiveStreams,
    private readonly places: StreamPlaces,
    private readonly publishes: PublishReader,
    private readonly targets: TargetReader,
    private readonly log: LogReader,
  ) {}

  @Route({
    method: 'GET',
    path: 'stream',
    summary: 'Follow everything, or all about one target, from now on or from a place in the log',
    roles: roles.readers,
    query: StreamQuery,
    reply: events,
  })
  async everything(
    @Query() query: StreamQuery,
    @Headers('last-event-id') last: string | undefined,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const from = (await this.start(query, last)) ?? this.streams.head;
    if (query.target === undefined) {
      return this.follow(request, response, (signal) => this.streams.all(from, signal));
    }
    const { target_id } = foundOrRefuse(await this.targets.ref(query.target), `target "${query.target}"`);
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
    @Headers('last-event-id') last: string | undefined,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const from = (await this.start(query, last)) ?? 0;
    foundOrRefuse(await this.publishes.row(id), `publish "${id}"`);
    return this.follow(request, response, (signal) => this.streams.ofPublish(id, from, signal));
  }

  @Route({
    method: 'GET',
    path: 'audit/events',
    summary: 'The log from a place on, as it stands',
    roles: roles.auditors,
    query: AuditQuery,
    reply: { contentType: 'application/x-ndjson', description: 'One LogEvent a line, in order of seq, none missing' },
  })
  async audit(@Query() { from = 0, limit }: AuditQuery, @Res() response: Response): Promise<void> {
    await sendAuditExport(response, this.log, { from, limit: limit ?? Number.MAX_SAFE_INTEGER });
  }

  private async follow(request: Request, response: Response, open: Open): Promise<void> {
    const { caller, until } = signedInOf(request);
    await this.places.hold(caller.id, () => sendEventStream(response, open, { until, heartbeatMs: HEARTBEAT_MS }));
  }

  /** After which event the stream begins; undefined: the reader did not say. */
  private async start({ from }: StreamQuery, last: string | undefined): Promise<number | undefined> {
    const start = last === undefined || last === '' ? from : Number(last);
    if (start === undefined) return undefined;
    if (!Number.isSafeInteger(start) || start < 0) {
      throw refuse('invalid_query', 'Last-Event-ID must be the id of an event of this stream.');
    }
    if (await this.streams.hasReached(start)) return start;
    throw refuse('position_ahead_of_log', `The log has no event ${start} yet: this place is from another log.`);
  }
}
