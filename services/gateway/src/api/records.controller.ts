import { Query } from '@nestjs/common';
import { MeReply, NotificationList, NotificationListQuery, type Caller } from '@m3/contracts';
import { CurrentCaller } from '../http/api-request.js';
import { roles } from '../http/route-spec.js';
import { ApiController, Route } from '../http/route.js';
import { RecordReader } from '../read-models/record-reader.js';

/** Notifications, and who the caller is. */
@ApiController('')
export class RecordsController {
  constructor(private readonly records: RecordReader) {}

  @Route({
    method: 'GET',
    path: 'notifications',
    summary: 'List notifications, newest first',
    roles: roles.readers,
    query: NotificationListQuery,
    reply: { schema: NotificationList },
  })
  notifications(@Query() query: NotificationListQuery) {
    return this.records.notifications(query);
  }

  @Route({
    method: 'GET',
    path: 'me',
    summary: 'Who the gateway takes you for',
    roles: roles.readers,
    reply: { schema: MeReply },
  })
  me(@CurrentCaller() { id, roles: held }: Caller): MeReply {
    return { id, roles: held };
  }
}
