import { Type, type Static } from '@sinclair/typebox';
import { closed, GivenReason, Id, Nullable, ProjectName, VersionName } from '../shapes.js';
import { ProblemReply, TargetRef } from './page.js';

/** What asks for a publish or changes the course of one, and the answers. */

/** Body of `POST /publishes`. */
export const PublishRequest = Type.Object(
  {
    project: ProjectName,
    version: VersionName,
    /** Ids or names. */
    targets: Type.Array(Type.String({ minLength: 1, maxLength: 100 }), {
      minItems: 1,
      maxItems: 100,
      uniqueItems: true,
    }),
    reason: Type.Optional(Nullable(GivenReason)),
    allow_older: Type.Optional(Type.Boolean({ default: false })),
    /** Start despite windows and freezes, and why; it counts where your roles allow it. */
    override_reason: Type.Optional(Nullable(GivenReason)),
  },
  closed,
);
export type PublishRequest = Static<typeof PublishRequest>;

/** Answer of `POST /publishes` (202): one entry a target. If every target refused, the answer is the first refusal instead. */
export const PublishesAccepted = Type.Object(
  {
    publishes: Type.Array(
      Type.Union([
        Type.Object({ ...TargetRef.properties, outcome: Type.Literal('requested'), publish_id: Id('publish') }, closed),
        Type.Object({ ...TargetRef.properties, outcome: Type.Literal('refused'), problem: ProblemReply }, closed),
      ]),
    ),
  },
  closed,
);
export type PublishesAccepted = Static<typeof PublishesAccepted>;

/** Answer of `POST /publishes/{id}/cancel` (202): the cancellation is under way; the stream shows its end. */
export const PublishCancelAccepted = Type.Object({ publish_id: Id('publish'), status: Type.String() }, closed);
export type PublishCancelAccepted = Static<typeof PublishCancelAccepted>;

/** Body of `POST /publishes/{id}/retry`. */
export const PublishRetry = Type.Object({ reason: Type.Optional(Nullable(GivenReason)) }, closed);
export type PublishRetry = Static<typeof PublishRetry>;

/** Answer of `POST /publishes/{id}/retry` (202): the new publish. */
export const PublishRetryAccepted = Type.Object({ publish_id: Id('publish'), retry_of: Id('publish') }, closed);
export type PublishRetryAccepted = Static<typeof PublishRetryAccepted>;

/** Answer of `POST /publishes/{id}/override` (202). */
export const PublishOverrideAccepted = Type.Object({ publish_id: Id('publish'), status: Type.String() }, closed);
export type PublishOverrideAccepted = Static<typeof PublishOverrideAccepted>;
