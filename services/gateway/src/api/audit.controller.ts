import { Query, Res } from '@nestjs/common';
import { AuditQuery } from '@m3/contracts';
import type { EventStore } from '@m3/event-store';
import type { Response } from 'express';
import { roles } from '../http/route-spec.js';
import { ApiController, Route } from '../http/route.js';
import { sendAuditExport } from '../live/audit-export.js';

/** What the export needs of the log. A class, so that Nest can inject by it. */
export abstract class LogReader {
  abstract readLog: EventStore['readLog'];
  abstract lastSeq: EventStore['lastSeq'];
}

/** The log as a whole. */
@ApiController('audit')
export class AuditController {
  constructor(private readonly log: LogReader) {}

  @Route({
    method: 'GET',
    path: 'events',
    summary: 'The log from a place on, as it stands',
    roles: roles.auditors,
    query: AuditQuery,
    reply: { contentType: 'application/x-ndjson', description: 'One LogEvent a line, in order of seq, none missing' },
  })
  async events(@Query() { from = 0, limit }: AuditQuery, @Res() response: Response): Promise<void> {
    await sendAuditExport(response, this.log, { from, limit: limit ?? Number.MAX_SAFE_INTEGER });
  }
}
