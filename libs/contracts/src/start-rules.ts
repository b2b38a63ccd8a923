import { Type, type Static } from '@sinclair/typebox';
import { closed, Environment, Id, Nullable, ProjectName, Reason, Roles, Timestamp, VersionName } from './shapes.js';
import { Promotion, PublishWindow } from './target-document.js';

/** What decides when a publish may start (spec section 9): the calendar of freezes, and what holds a publish up. */

export const FreezeScope = Type.Union([
  Type.Object({ kind: Type.Literal('global') }, closed),
  Type.Object({ kind: Type.Literal('environment'), environment: Environment }, closed),
  /** The name beside the id, so that the calendar can be read by itself: a target keeps its name for ever. */
  Type.Object({ kind: Type.Literal('target'), target_id: Id('target'), target_name: Type.String() }, closed),
]);
export type FreezeScope = Static<typeof FreezeScope>;

/** From one time to another (null: until it is lifted), or again and again, for so long each time. */
export const FreezePeriod = Type.Union([
  Type.Object({ from: Timestamp, to: Nullable(Timestamp) }, closed),
  Type.Object(PublishWindow.properties, closed),
]);
export type FreezePeriod = Static<typeof FreezePeriod>;

const common = {
  /** Since when it blocks; null: not known. */
  since: Nullable(Timestamp),
  /** When it ends by itself; null: only a person, or another publish, ends it. */
  until: Nullable(Timestamp),
  /** Who can end it, or let the publish start all the same: any one of these roles. */
  unblocked_by: Roles,
};

/** One rule that holds a publish up at its start. */
export const StartBlock = Type.Union([
  Type.Object({ kind: Type.Literal('window'), ...common }, closed),
  Type.Object(
    { kind: Type.Literal('freeze'), freeze_id: Id('freeze'), scope: FreezeScope, reason: Reason, ...common },
    closed,
  ),
  Type.Object({ kind: Type.Literal('hold'), reason: Reason, ...common }, closed),
  Type.Object({ kind: Type.Literal('veto'), project: ProjectName, version: VersionName, ...common }, closed),
  Type.Object(
    {
      kind: Type.Literal('promotion'),
      ...Promotion.properties,
      /** The target that it is promoted from; null: none has that name. */
      target_id: Nullable(Id('target')),
      state: Type.Union([Type.Literal('no_such_target'), Type.Literal('not_succeeded'), Type.Literal('soaking')]),
      ...common,
    },
    closed,
  ),
  Type.Object({ kind: Type.Literal('disabled'), ...common }, closed),
]);
export type StartBlock = Static<typeof StartBlock>;
