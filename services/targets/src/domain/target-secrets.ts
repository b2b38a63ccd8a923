import type { StoredTargetDocument, TargetDocument } from '@m3/contracts';
import type { Target } from '@m3/policies';

/** Secrets by the place that a document has them in: their values, or the references that stand for them. */
export type Secrets = ReadonlyMap<string, string>;

export const databaseUrl = 'database_url';
const ofGate = (name: string): string => `gates.external.${name}.secret`;

/** The secrets that a document has. */
export function secretsIn({ database_url, gates }: TargetDocument): Secrets {
  const signing = (gates?.external ?? []).flatMap(({ name, secret }) =>
    secret === undefined ? [] : [[ofGate(name), secret] as const],
  );
  return new Map([[databaseUrl, database_url], ...signing]);
}

/** What a target has in the stead of its secrets. */
export function referencesOf({ address, document }: Pick<Target, 'address' | 'document'>): Secrets {
  const signing = (document.gates?.external ?? []).flatMap(({ name, secret_ref }) =>
    secret_ref === undefined ? [] : [[ofGate(name), secret_ref] as const],
  );
  return new Map([[databaseUrl, address.secret_ref], ...signing]);
}

/** The document with references in the stead of its secrets; without any, those of external gates are just left out. */
export function withoutSecrets(
  { database_url: _database, gates, ...document }: TargetDocument,
  references: Secrets = new Map(),
): StoredTargetDocument {
  if (gates === undefined) return document;
  const { external, ...settings } = gates;
  if (external === undefined) return { ...document, gates: settings };
  const sealed = external.map(({ secret: _secret, ...gate }) => {
    const secret_ref = references.get(ofGate(gate.name));
    return secret_ref === undefined ? gate : { ...gate, secret_ref };
  });
  return { ...document, gates: { ...settings, external: sealed } };
}
