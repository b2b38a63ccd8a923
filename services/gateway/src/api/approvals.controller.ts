import { Body, Param, Query } from '@nestjs/common';
import {
  ApprovalList,
  ApprovalListQuery,
  ApprovalSummary,
  ApproveBody,
  CommentBody,
  RejectBody,
  VoteAccepted,
} from '@m3/contracts';
import { Type } from '@sinclair/typebox';
import { CommandDesk } from '../commands/command-desk.js';
import { AskedBy, type Asked } from '../commands/asked.js';
import { roles } from '../http/route-spec.js';
import { ApiController, Route } from '../http/route.js';
import { ApprovalReader } from '../read-models/approval-reader.js';
import { foundOrRefuse } from './found-or-refuse.js';

const params = { approval: Type.String({ maxLength: 100, description: 'id of the approval' }) };
const voting = {
  method: 'POST',
  roles: roles.approvers,
  params,
  reply: { schema: VoteAccepted },
} as const;

/** Approvals that publishes wait for, and votes on them. */
@ApiController('approvals')
export class ApprovalsController {
  constructor(
    private readonly approvals: ApprovalReader,
    private readonly commands: CommandDesk,
  ) {}

  @Route({
    method: 'GET',
    path: '',
    summary: 'List approvals, newest first',
    roles: roles.readers,
    query: ApprovalListQuery,
    reply: { schema: ApprovalList },
  })
  list(@Query() query: ApprovalListQuery) {
    return this.approvals.list(query);
  }

  @Route({
    method: 'GET',
    path: ':approval',
    summary: 'Show an approval with its votes',
    roles: roles.readers,
    params,
    reply: { schema: ApprovalSummary },
  })
  async show(@Param('approval') id: string) {
    return foundOrRefuse(await this.approvals.detail(id), `approval "${id}"`);
  }

  @Route({ ...voting, path: ':approval/approve', summary: 'Approve', body: { schema: ApproveBody, optional: true } })
  async approve(@Param('approval') id: string, @Body() { comment = null }: ApproveBody, @AskedBy() asked: Asked) {
    foundOrRefuse(await this.approvals.detail(id), `approval "${id}"`);
    return this.commands.run('approvals.approve', { ...asked, approval_id: id, comment });
  }

  @Route({ ...voting, path: ':approval/withdraw', summary: 'Take your vote back while the approval waits' })
  async withdraw(@Param('approval') id: string, @AskedBy() asked: Asked) {
    foundOrRefuse(await this.approvals.detail(id), `approval "${id}"`);
    return this.commands.run('approvals.withdraw', { ...asked, approval_id: id });
  }

  @Route({
    ...voting,
    path: ':approval/comments',
    summary: 'Say something without voting',
    body: { schema: CommentBody },
  })
  async comment(@Param('approval') id: string, @Body() { comment }: CommentBody, @AskedBy() asked: Asked) {
    foundOrRefuse(await this.approvals.detail(id), `approval "${id}"`);
    return this.commands.run('approvals.comment', { ...asked, approval_id: id, comment });
  }

  @Route({ ...voting, path: ':approval/reject', summary: 'Reject: ends the publish', body: { schema: RejectBody } })
  async reject(@Param('approval') id: string, @Body() { comment }: RejectBody, @AskedBy() asked: Asked) {
    foundOrRefuse(await this.approvals.detail(id), `approval "${id}"`);
    return this.commands.run('approvals.reject', { ...asked, approval_id: id, comment });
  }
}
