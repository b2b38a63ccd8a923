import {
  canonicalDigest,
  comparable,
  fieldChanges,
  newId,
  type AppliedTarget,
  type EventData,
  type FieldChange,
  type StoredTargetDocument,
  type TargetDocument,
} from '@m3/contracts';
import type { Target } from '@m3/policies';
import { databaseUrl, referencesOf, secretsIn, withoutSecrets, type Secrets } from './target-secrets.js';

/** Where a database is, as far as everybody may know. */
export interface DatabaseAddress {
  readonly host: string;
  readonly port: number;
  readonly name: string;
}

/** A document with what is known of its secrets: `known` are the references of those that the target has already. */
export interface Wanted {
  readonly document: TargetDocument;
  readonly database: DatabaseAddress;
  readonly known: Secrets;
}

/** A target as its document wants it. Every secret of the document needs its reference. */
export function settledFrom(
  { document, database }: Wanted,
  target_id: string,
  references: Secrets,
): EventData<'TargetCreated'> {
  const stored = withoutSecrets(document, references);
  const secret_ref = references.get(databaseUrl);
  if (secret_ref === undefined) throw new Error('a target is not settled before its database URL is sealed');
  const { gateway_url, schema } = document;
  const { host, port, name } = database;
  const address = { gateway_url, schema, database: { host, port, name }, secret_ref };
  return { target_id, document: stored, address, config_digest: canonicalDigest({ document: stored, address }) };
}

/** What a document changes, field by field; secrets are said to change, and never shown. */
export function comparison(existing: Target | null, wanted: Wanted): AppliedTarget {
  const { name } = wanted.document;
  const changes = [...documentChanges(existing, wanted.document), ...secretChanges(existing, wanted)];
  if (existing === null) return { target_id: newId('target'), name, outcome: 'created', revision: null, changes };
  const { target_id, revision } = existing;
  return changes.length > 0
    ? { target_id, name, outcome: 'changed', revision: null, changes }
    : { target_id, name, outcome: 'unchanged', revision, changes };
}

function documentChanges(existing: Target | null, document: TargetDocument): readonly FieldChange[] {
  const wanted = withoutSecrets(document);
  if (existing === null) return fieldChanges({}, comparable(wanted));
  // The document as it stands: a target may have been enabled or disabled since it was applied.
  const { enabled } = existing;
  const before = comparable({ ...withoutReferences(existing.document), enabled });
  return fieldChanges(before, comparable({ enabled, ...wanted }));
}

/** References of secrets are compared as secrets, not as fields. */
function withoutReferences({ gates, ...document }: StoredTargetDocument): StoredTargetDocument {
  if (gates?.external === undefined) return { ...document, ...(gates && { gates }) };
  const external = gates.external.map(({ secret_ref: _ref, ...gate }) => gate);
  return { ...document, gates: { ...gates, external } };
}

function secretChanges(existing: Target | null, { document, database, known }: Wanted): readonly FieldChange[] {
  const before: Secrets = existing === null ? new Map() : referencesOf(existing);
  const after = secretsIn(document);
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((field) => {
    if (known.has(field)) return [];
    if (field === databaseUrl) return [databaseChange(existing, database)];
    const [had, has] = [before.has(field), after.has(field)];
    const is = had ? 'changed' : 'set';
    return [{ field, before: had ? 'set' : null, after: has ? is : null }];
  });
}

function databaseChange(existing: Target | null, database: DatabaseAddress): FieldChange {
  const text = ({ host, port, name }: DatabaseAddress) => `${host}:${port}/${name}`;
  const before = existing && text(existing.address.database);
  return { field: databaseUrl, before, after: `${text(database)} (password not shown)` };
}
