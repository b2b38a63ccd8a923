import type { TObject, TSchema } from '@sinclair/typebox';
import type { Role } from '@m3/contracts';
import type { BodySize } from './json-body.js';

/** Who may call a route. */
export const roles = {
  /** Whoever has any role. */
  readers: ['admin', 'maintainer', 'approver', 'viewer', 'auditor', 'service'],
  administrators: ['admin'],
  managers: ['admin', 'maintainer'],
  /** Whether they may decide on this approval is for its rule to say. */
  approvers: ['admin', 'maintainer', 'approver'],
  reviewers: ['admin', 'maintainer', 'approver'],
  auditors: ['admin', 'auditor'],
  /** Who of them may override is for each target to say. */
  overriders: ['admin', 'maintainer', 'approver'],
  taggers: ['admin', 'maintainer', 'service'],
} as const satisfies Record<string, readonly Role[]>;

export interface RouteBody {
  readonly schema: TSchema;
  /** Which of several forms the body has; absent: just `schema`. */
  readonly choose?: (body: unknown) => TSchema;
  /** Nothing sent counts as `{}`. */
  readonly optional?: boolean;
  readonly size?: BodySize;
}

/** What a route answers: JSON of a schema, or a stream of lines. */
export type RouteReply =
  | { readonly schema: TSchema }
  | { readonly contentType: 'text/event-stream' | 'application/x-ndjson'; readonly description: string };

/** Everything that is declared about a route: the guard, the validation and the OpenAPI document go by it. */
export interface RouteSpec {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly summary: string;
  /** None: nobody signs in; what is in the address proves who calls. */
  readonly roles: readonly Role[];
  readonly params?: Readonly<Record<string, TSchema>>;
  readonly query?: TObject;
  readonly body?: RouteBody;
  readonly reply: RouteReply;
  /** The route takes an If-Match header; a reply to GET has the ETag for it. */
  readonly conditional?: true;
  /** Default 200. */
  readonly status?: 200 | 202;
}

export const ROUTE = Symbol('route');
