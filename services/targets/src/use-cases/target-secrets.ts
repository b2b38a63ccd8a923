import { newId, type TargetDocument } from '@m3/contracts';
import type { Target } from '@m3/policies';
import { CannotOpenError, type SecretStore, type SecretStores } from '@m3/secrets';
import { databaseUrl, referencesOf, secretsIn, type Secrets } from '../domain/target-secrets.js';

/** The secrets of targets, sealed: each for what it is for. */
export class TargetSecrets {
  constructor(private readonly stores: SecretStores) {}

  /** The references of those secrets of a document that a target has already, with the same value. */
  async known(existing: Target | null, document: TargetDocument): Promise<Secrets> {
    if (existing === null) return new Map();
    const references = referencesOf(existing);
    const same = [...secretsIn(document)].map(async ([place, value]) => {
      const ref = references.get(place);
      const known = ref !== undefined && (await this.isSealed(place, { ref, value, targetId: existing.target_id }));
      return known ? [[place, ref] as const] : [];
    });
    return new Map((await Promise.all(same)).flat());
  }

  /** Seals what is not known yet. @returns the references of all secrets of a document */
  async seal(targetId: string, document: TargetDocument, known: Secrets): Promise<Secrets> {
    const sealed = [...secretsIn(document)].map(
      async ([place, value]) => [place, known.get(place) ?? (await this.at(place).put(targetId, value))] as const,
    );
    return new Map(await Promise.all(sealed));
  }

  /** One that cannot be opened any more is not known: the document has its value, and it is sealed anew. */
  private async isSealed(place: string, { ref, value, targetId }: Sealed): Promise<boolean> {
    try {
      return (await this.at(place).get(ref, targetId)) === value;
    } catch (error) {
      if (error instanceof CannotOpenError) return false;
      throw error;
    }
  }

  private at(place: string): SecretStore {
    return place === databaseUrl ? this.stores.target_database : this.stores.external_gate;
  }
}

interface Sealed {
  readonly ref: string;
  readonly value: string;
  readonly targetId: string;
}

/** References as they could be, for what is decided before anything is sealed. */
export function foreseenReferences(document: TargetDocument, known: Secrets): Secrets {
  return new Map([...secretsIn(document).keys()].map((place) => [place, known.get(place) ?? newId('secret')]));
}
