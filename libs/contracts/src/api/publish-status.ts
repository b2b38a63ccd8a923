import { Type, type Static } from '@sinclair/typebox';
import { PublishStep } from '../events/publish-endings.js';
import { Trigger } from '../shapes.js';

/** Where a publish stands (spec section 6). The last seven are final. */
export const PublishStatus = Type.Union([
  Type.Literal('requested'),
  Type.Literal('validating'),
  Type.Literal('gating'),
  Type.Literal('awaiting_approval'),
  Type.Literal('waiting_for_window'),
  Type.Literal('waiting_for_release'),
  Type.Literal('waiting_for_promotion'),
  Type.Literal('waiting_for_slot'),
  Type.Literal('backing_up'),
  Type.Literal('deploying'),
  Type.Literal('activating'),
  Type.Literal('verifying'),
  Type.Literal('notifying'),
  Type.Literal('checking_backup'),
  Type.Literal('stopping_routing'),
  Type.Literal('restoring_backup'),
  Type.Literal('rolling_back'),
  Type.Literal('succeeded'),
  Type.Literal('rejected'),
  Type.Literal('failed'),
  Type.Literal('cancelled'),
  Type.Literal('superseded'),
  Type.Literal('rolled_back'),
  Type.Literal('rollback_failed'),
]);
export type PublishStatus = Static<typeof PublishStatus>;

/** Statuses that never change again. */
export const finalPublishStatuses = [
  'succeeded',
  'rejected',
  'failed',
  'cancelled',
  'superseded',
  'rolled_back',
  'rollback_failed',
] as const satisfies readonly PublishStatus[];
export type FinalPublishStatus = (typeof finalPublishStatuses)[number];

/** True once nothing more can happen to the publish. */
export function isFinalPublishStatus(status: PublishStatus): status is FinalPublishStatus {
  return finalPublishStatuses.some((final) => final === status);
}

/** What started it: something that asked for a publish, or an operator who asked for a rollback. */
export const ShownTrigger = Type.Union([...Trigger.anyOf, Type.Literal('rollback')]);
export type ShownTrigger = Static<typeof ShownTrigger>;

/** A step of a publish, or one that only a rollback has. */
export const ShownStep = Type.Union([
  ...PublishStep.anyOf,
  Type.Literal('checking_backup'),
  Type.Literal('stopping_routing'),
  Type.Literal('restoring_backup'),
]);
export type ShownStep = Static<typeof ShownStep>;
