import { Type, type Static } from '@sinclair/typebox';
import {
  ApprovalRule,
  closed,
  Environment,
  Id,
  Nullable,
  PersonId,
  ProjectName,
  GivenReason,
  Reason,
  Sha256,
  Timestamp,
  VersionName,
} from '../shapes.js';
import { Page, pageQuery, TargetRef } from './page.js';

/**
 * `closed`: nobody needs it any more, e.g. the publish was cancelled. `void`: what would be deployed is not any more what
 * it was about, and another approval was asked for.
 */
export const ApprovalStatus = Type.Union([
  Type.Literal('open'),
  Type.Literal('granted'),
  Type.Literal('rejected'),
  Type.Literal('closed'),
  Type.Literal('void'),
]);
export type ApprovalStatus = Static<typeof ApprovalStatus>;

export const VoteView = Type.Object(
  {
    by: PersonId,
    decision: Type.Union([Type.Literal('approve'), Type.Literal('reject')]),
    comment: Nullable(Reason),
    at: Timestamp,
    /** Null: it was not taken back. One that was does not count. */
    withdrawn_at: Nullable(Timestamp),
    /** `2 h 3 min before activation`: in the detail of a publish, once its version was activated. */
    relative: Nullable(Type.String()),
  },
  closed,
);
export type VoteView = Static<typeof VoteView>;

/** What somebody said without voting. */
export const CommentView = Type.Object({ by: PersonId, comment: Reason, at: Timestamp }, closed);
export type CommentView = Static<typeof CommentView>;

/** `GET /approvals/{id}`, and each entry of the list. */
export const ApprovalSummary = Type.Object(
  {
    approval_id: Id('approval'),
    publish_id: Id('publish'),
    project: ProjectName,
    version: VersionName,
    ...TargetRef.properties,
    environment: Environment,
    status: ApprovalStatus,
    rule: ApprovalRule,
    requested_by: PersonId,
    /** People who may not vote. */
    excluded: Type.Array(PersonId),
    approved_digest: Sha256,
    opened_at: Timestamp,
    expires_at: Nullable(Timestamp),
    escalated_at: Nullable(Timestamp),
    decided_at: Nullable(Timestamp),
    /** Why it was rejected or closed. */
    outcome_reason: Nullable(Type.String()),
    votes: Type.Array(VoteView),
    comments: Type.Array(CommentView),
    approvals_given: Type.Integer({ minimum: 0 }),
    approvals_needed: Type.Integer({ minimum: 0 }),
  },
  closed,
);
export type ApprovalSummary = Static<typeof ApprovalSummary>;

/** `GET /approvals`: newest first. */
export const ApprovalListQuery = Type.Object(
  { ...pageQuery, status: Type.Optional(ApprovalStatus), publish: Type.Optional(Id('publish')) },
  closed,
);
export type ApprovalListQuery = Static<typeof ApprovalListQuery>;
export const ApprovalList = Page(ApprovalSummary);
export type ApprovalList = Page<ApprovalSummary>;

/** Body of `POST /approvals/{id}/approve`; may be left out altogether. */
export const ApproveBody = Type.Object({ comment: Type.Optional(Nullable(GivenReason)) }, closed);
export type ApproveBody = Static<typeof ApproveBody>;

/** Body of `POST /approvals/{id}/reject`. */
export const RejectBody = Type.Object({ comment: GivenReason }, closed);
export type RejectBody = Static<typeof RejectBody>;

/** Body of `POST /approvals/{id}/comments`. */
export const CommentBody = Type.Object({ comment: GivenReason }, closed);
export type CommentBody = Static<typeof CommentBody>;

/** Answer of `POST /approvals/{id}/approve|reject|withdraw|comments`: where the approval stands after the vote. */
export const VoteAccepted = Type.Object({ approval_id: Id('approval'), status: Type.String() }, closed);
export type VoteAccepted = Static<typeof VoteAccepted>;
