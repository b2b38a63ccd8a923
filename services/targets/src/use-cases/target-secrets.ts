import { newId, type TargetDocument } from '@m3/contracts';
import type { Target } from '@m3/policies';
import type { SecretStore } from '@m3/secrets';
import { referencesOf, secretsIn, type Secrets } from '../domain/target-secrets.js';

/** The secrets of targets, sealed. */
export class TargetSecrets {
  constructor(private readonly store: SecretStore) {}

  /** The references of those secrets of a document that a target has already, with the same value. */
  async known(existing: Target | null, document: TargetDocument): Promise<Secrets> {
    if (existing === null) return new Map();
    const references = referencesOf(existing);
    const same = [...secretsIn(document)].map(async ([place, value]) => {
      const ref = references.get(place);
      const known = ref !== undefined && (await this.store.get(ref, existing.target_id)) === value;
      return known ? [[place, ref] as const] : [];
    });
    return new Map((await Promise.all(same)).flat());
  }

  /** Seals what is not known yet. @returns the references of all secrets of a document */
  async seal(targetId: string, document: TargetDocument, known: Secrets): Promise<Secrets> {
    const sealed = [...secretsIn(document)].map(
      async ([place, value]) => [place, known.get(place) ?? (await this.store.put(targetId, value))] as const,
    );
    return new Map(await Promise.all(sealed));
  }
}

/** References as they could be, for what is decided before anything is sealed. */
export function foreseenReferences(document: TargetDocument, known: Secrets): Secrets {
  return new Map([...secretsIn(document).keys()].map((place) => [place, known.get(place) ?? newId('secret')]));
}
