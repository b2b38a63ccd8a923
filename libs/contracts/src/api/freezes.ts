import { Type, type Static } from '@sinclair/typebox';
import { closed, Environment, GivenReason, Id, Nullable, PersonId, Reason, Roles, Timestamp } from '../shapes.js';
import { FreezePeriod, FreezeScope } from '../start-rules.js';

/** `upcoming` includes one that comes again and is not in force at the moment. */
export const FreezeStatus = Type.Union([
  Type.Literal('in_force'),
  Type.Literal('upcoming'),
  Type.Literal('past'),
  Type.Literal('lifted'),
]);
export type FreezeStatus = Static<typeof FreezeStatus>;

/** `GET /freezes/{id}`, and each entry of the list. */
export const FreezeView = Type.Object(
  {
    freeze_id: Id('freeze'),
    status: FreezeStatus,
    scope: FreezeScope,
    period: FreezePeriod,
    reason: Reason,
    override_roles: Roles,
    declared_by: PersonId,
    declared_at: Timestamp,
    /** In force since and until (null: until it is lifted); null: it is not in force. */
    in_force: Nullable(Type.Object({ since: Timestamp, until: Nullable(Timestamp) }, closed)),
    /** When it comes into force next; null: not again. */
    next_at: Nullable(Timestamp),
    lifted: Nullable(Type.Object({ by: PersonId, at: Timestamp, reason: Reason }, closed)),
  },
  closed,
);
export type FreezeView = Static<typeof FreezeView>;

/** `GET /freezes`: all of them, the newest first. */
export const FreezeListQuery = Type.Object({ status: Type.Optional(FreezeStatus) }, closed);
export type FreezeListQuery = Static<typeof FreezeListQuery>;
export const FreezeList = Type.Object({ items: Type.Array(FreezeView) }, closed);
export type FreezeList = Static<typeof FreezeList>;

/** Body of `POST /freezes`. */
export const FreezeDeclaration = Type.Object(
  {
    scope: Type.Union([
      Type.Object({ kind: Type.Literal('global') }, closed),
      Type.Object({ kind: Type.Literal('environment'), environment: Environment }, closed),
      Type.Object(
        {
          kind: Type.Literal('target'),
          target: Type.String({ minLength: 1, maxLength: 100, description: 'id or name' }),
        },
        closed,
      ),
    ]),
    period: FreezePeriod,
    reason: GivenReason,
    /** Who may publish all the same. Default: admin. */
    override_roles: Type.Optional(Roles),
  },
  closed,
);
export type FreezeDeclaration = Static<typeof FreezeDeclaration>;

/** Answer of `POST /freezes` and `POST /freezes/{id}/lift`: it counts for every start from now on. */
export const FreezeAccepted = Type.Object({ freeze_id: Id('freeze') }, closed);
export type FreezeAccepted = Static<typeof FreezeAccepted>;
