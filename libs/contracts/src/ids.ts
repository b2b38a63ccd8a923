import { v7 } from 'uuid';

/** Prefixes of identifiers: the kind of thing is readable from the id (spec section 18). */
export const idPrefixes = {
  publish: 'pub',
  target: 'tgt',
  gateRun: 'gtr',
  approval: 'apr',
  backup: 'bkp',
  verification: 'ver',
  notification: 'ntf',
  deadLetter: 'dlq',
  secret: 'sec',
  command: 'cmd',
  freeze: 'frz',
  review: 'rev',
} as const;

export type IdKind = keyof typeof idPrefixes;

/** A new UUIDv7 identifier with its prefix, e.g. `pub_0193…`; of a UUID that is new already, when given. */
export function newId(kind: IdKind, uuid = newUuid()): string {
  return `${idPrefixes[kind]}_${uuid}`;
}

export function newUuid(): string {
  return v7();
}

/** The one review that an emergency publish can have. */
export function reviewIdOf(publishId: string): string {
  return publishId.replace(idPrefixes.publish, idPrefixes.review);
}

/** The JSON Schema pattern of identifiers of a kind. */
export function idPattern(kind: IdKind): string {
  return `^${idPrefixes[kind]}_[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`;
}
