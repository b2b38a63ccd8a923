import { Type, type Static } from '@sinclair/typebox';
import {
  closed,
  Environment,
  GivenReason,
  Id,
  Nullable,
  PersonId,
  ProjectName,
  Reason,
  Timestamp,
  VersionName,
} from '../shapes.js';
import { Page, pageQuery, TargetRef } from './page.js';

export const ReviewStatus = Type.Union([Type.Literal('open'), Type.Literal('closed')]);
export type ReviewStatus = Static<typeof ReviewStatus>;

const about = {
  publish_id: Id('publish'),
  project: ProjectName,
  version: VersionName,
  ...TargetRef.properties,
  environment: Environment,
};
const followUps = Type.Array(Reason, { maxItems: 50 });

/** `GET /reviews/{id}`, and each entry of the list. While one is open there is no next emergency on its target. */
export const ReviewView = Type.Object(
  {
    review_id: Id('review'),
    ...about,
    status: ReviewStatus,
    /** Who asked for the emergency, and cannot close its review. */
    requested_by: PersonId,
    justification: Nullable(Reason),
    opened_at: Timestamp,
    closed_at: Nullable(Timestamp),
    closed_by: Nullable(PersonId),
    findings: Nullable(Reason),
    follow_ups: followUps,
  },
  closed,
);
export type ReviewView = Static<typeof ReviewView>;

/** `GET /reviews`: newest first. */
export const ReviewListQuery = Type.Object({ ...pageQuery, status: Type.Optional(ReviewStatus) }, closed);
export type ReviewListQuery = Static<typeof ReviewListQuery>;
export const ReviewList = Page(ReviewView);
export type ReviewList = Page<ReviewView>;

/** Body of `POST /reviews/{id}/close`. */
export const ReviewClosing = Type.Object(
  { findings: GivenReason, follow_ups: Type.Optional(Type.Array(GivenReason, { maxItems: 50 })) },
  closed,
);
export type ReviewClosing = Static<typeof ReviewClosing>;
export const ReviewCloseAccepted = Type.Object({ review_id: Id('review') }, closed);
export type ReviewCloseAccepted = Static<typeof ReviewCloseAccepted>;

/** One emergency publish: who, why, what was skipped, how it ended, what was learnt. */
export const EmergencyView = Type.Object(
  {
    ...about,
    declared_by: PersonId,
    justification: Nullable(Reason),
    declared_at: Timestamp,
    /** Validation, backup and verification never are. */
    skipped: Type.Array(Type.Union([Type.Literal('gates'), Type.Literal('approvals')])),
    /** `running`, or how it ended. */
    outcome: Type.String(),
    outcome_reason: Nullable(Type.String()),
    ended_at: Nullable(Timestamp),
    /** From request to end; null while it runs. */
    duration_ms: Nullable(Type.Number({ minimum: 0 })),
    /** `not_needed`: the target asks for none, or it was not touched. */
    review: Type.Union([
      Type.Literal('not_needed'),
      Type.Literal('to_come'),
      Type.Literal('open'),
      Type.Literal('closed'),
    ]),
    review_id: Nullable(Id('review')),
    reviewed_by: Nullable(PersonId),
    findings: Nullable(Reason),
    follow_ups: followUps,
  },
  closed,
);
export type EmergencyView = Static<typeof EmergencyView>;

/** `GET /emergencies`: all that were declared from one moment up to another, newest first. */
export const EmergencyListQuery = Type.Object({ from: Type.Optional(Timestamp), to: Type.Optional(Timestamp) }, closed);
export type EmergencyListQuery = Static<typeof EmergencyListQuery>;
export const EmergencyList = Type.Object({ items: Type.Array(EmergencyView) }, closed);
export type EmergencyList = Static<typeof EmergencyList>;
