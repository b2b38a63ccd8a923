import { Type, type Static } from '@sinclair/typebox';
import type { RecordedEvent } from './define-event.js';
import type { ProblemCode } from './problem-codes.js';
import { closed, Nullable, Reason, Timestamp } from './shapes.js';

/** What is wrong with one field of a target document: a stable code, a JSON pointer, and what would be right. */
export const DocumentFault = Type.Object(
  { code: Type.String(), field: Type.String(), message: Type.String({ maxLength: 2000 }) },
  closed,
);
export type DocumentFault = Static<typeof DocumentFault> & { readonly code: ProblemCode };

/** What a field-by-field comparison of a target found; paths are dotted, secrets never shown. */
export const FieldChange = Type.Object({ field: Type.String(), before: Type.Unknown(), after: Type.Unknown() }, closed);
export interface FieldChange {
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
}

const changeKinds = {
  TargetCreated: 'created',
  TargetChanged: 'changed',
  TargetEnabled: 'enabled',
  TargetDisabled: 'disabled',
  TargetHeld: 'held',
  TargetReleased: 'released',
} as const;

/** One change of a target: who did what, when, and which fields it touched. */
export const TargetChange = Type.Object(
  {
    revision: Type.Integer({ minimum: 1 }),
    what: Type.Union(Object.values(changeKinds).map((kind) => Type.Literal(kind))),
    at: Timestamp,
    by: Type.String(),
    reason: Nullable(Reason),
    changes: Type.Array(FieldChange),
  },
  closed,
);
export interface TargetChange {
  readonly revision: number;
  readonly what: (typeof changeKinds)[keyof typeof changeKinds];
  readonly at: string;
  readonly by: string;
  readonly reason: string | null;
  readonly changes: readonly FieldChange[];
}

/** What differs between two documents, field by field, with dotted paths. */
export function fieldChanges(before: unknown, after: unknown, path = ''): readonly FieldChange[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (!isObject(before) || !isObject(after)) return [{ field: path, before: before ?? null, after: after ?? null }];
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return fields.flatMap((field) => fieldChanges(before[field], after[field], path === '' ? field : `${path}.${field}`));
}

/** A document as it is compared: external gates by their names, because their order means nothing. */
export function comparable(document: object): Readonly<Record<string, unknown>> {
  const gates = objectIn(document, 'gates');
  const { external } = gates;
  if (!Array.isArray(external)) return { ...document };
  const byName = external.filter(isObject).map(({ name, ...gate }) => [String(name), gate] as const);
  return { ...document, gates: { ...gates, external: Object.fromEntries(byName) } };
}

/** The whole stream of a target as a list of changes, oldest first. */
export function targetChanges(history: readonly RecordedEvent[]): readonly TargetChange[] {
  let before: Shown = {};
  return history.flatMap((event) => {
    if (!isChangeType(event.type)) return [];
    const after = shownAfter(before, event);
    const changes = fieldChanges(before, after);
    before = after;
    const reason: unknown = Reflect.get(event.data, 'reason');
    return [
      {
        revision: event.streamVersion,
        what: changeKinds[event.type],
        at: event.metadata.occurredAt,
        by: event.metadata.actor.id,
        reason: typeof reason === 'string' ? reason : null,
        changes,
      },
    ];
  });
}

/** The document with what stands beside it, as operators compare it. */
type Shown = Readonly<Record<string, unknown>>;

function shownAfter(before: Shown, { type, data }: RecordedEvent): Shown {
  switch (type) {
    case 'TargetEnabled':
      return { ...before, enabled: true };
    case 'TargetDisabled':
      return { ...before, enabled: false };
    case 'TargetCreated':
    case 'TargetChanged':
      return { enabled: true, ...comparable(objectIn(data, 'document')), database_url: databaseText(data) };
    default:
      return before;
  }
}

/** Host, port and name; and the reference of the secret, which changes with the password alone. */
function databaseText(data: object): string {
  const address = objectIn(data, 'address');
  const { host, port, name } = objectIn(address, 'database');
  return `${String(host)}:${String(port)}/${String(name)} (${String(address['secret_ref'])})`;
}

function isChangeType(type: string): type is keyof typeof changeKinds {
  return type in changeKinds;
}

function objectIn(holder: object, field: string): Shown {
  const value: unknown = Reflect.get(holder, field);
  return isObject(value) ? value : {};
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
