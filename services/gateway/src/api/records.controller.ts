import { Query } from '@nestjs/common';
import {
  BackupList,
  BackupListQuery,
  MeReply,
  NotificationList,
  NotificationListQuery,
  type Caller,
} from '@m3/contracts';
import { CurrentCaller } from '../http/api-request.js';
import { roles } from '../http/route-spec.js';
import { ApiController, Route } from '../http/route.js';
import { RecordReader } from '../read-models/record-reader.js';
import { TargetReader } from '../read-models/target-reader.js';
import { foundOrRefuse } from './found-or-refuse.js';

/** Backups, notifications, and who the caller is. */
@ApiController('')
export class RecordsController {
  constructor(
    private readonly records: RecordReader,
    private readonly targets: TargetReader,
  ) {}

  @Route({
    method: 'GET',
    path: 'backups',
    summary: 'List backups, newest first',
    roles: roles.readers,
    query: BackupListQuery,
    reply: { schema: BackupList },
  })
  async backups(@Query() query: BackupListQuery) {
    if (query.target === undefined) return this.records.backups(query);
    const { target_id } = foundOrRefuse(await this.targets.ref(query.target), `target "${query.target}"`);
    return this.records.backups(query, target_id);
  }

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
