import { Type, type Static, type TSchema } from '@sinclair/typebox';
import { closed, GivenReason, Id, Nullable } from '../shapes.js';

/** What every list of the API has in common. */

/** Name of a target in a reply, so that a list needs no second request. */
export const TargetRef = Type.Object({ target_id: Id('target'), target_name: Type.String() }, closed);
export type TargetRef = Static<typeof TargetRef>;

/** One page of a list; `next_cursor` is opaque and null on the last page. */
export const Page = <Item extends TSchema>(item: Item) =>
  Type.Object(
    { items: Type.Array(item), next_cursor: Nullable(Type.String({ description: 'pass it as ?cursor=' })) },
    closed,
  );
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next_cursor: string | null;
}

/** Query parameters of every list. */
export const pageQuery = {
  cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
};

/** The body of a request that needs nothing but a reason. */
export const ReasonBody = Type.Object({ reason: GivenReason }, closed);
export type ReasonBody = Static<typeof ReasonBody>;

/** RFC 9457 problem document: every refusal and fault of the API (`application/problem+json`). */
export const ProblemReply = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer({ minimum: 400, maximum: 599 }),
    code: Type.String({ description: 'stable; programs decide by it' }),
    detail: Type.String({ description: 'what is wrong and what to do' }),
    field: Type.Optional(Type.String({ description: 'the part of the request at fault: JSON pointer' })),
    findings: Type.Optional(Type.Array(Type.Unknown())),
    instance: Type.Optional(Type.String({ description: 'id of the request, also in the log of the gateway' })),
  },
  closed,
);
export type ProblemReply = Static<typeof ProblemReply>;
