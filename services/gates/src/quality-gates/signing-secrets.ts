import type { ExternalGateSettings } from '@m3/contracts';
import { CannotOpenError, type SecretStore } from '@m3/secrets';

/** What the calls of an external gate are signed with; or why that is not known. */
export type Signing =
  | { readonly outcome: 'found'; readonly secret: string }
  | { readonly outcome: 'missing'; readonly code: string; readonly message: string };

/** The signing secrets of external gates: those that came with a target's document, else those of the service's settings. */
export class SigningSecrets {
  constructor(
    private readonly sealed: Pick<SecretStore, 'get'>,
    /** By the name of the gate, for documents without a secret. */
    private readonly settings: Readonly<Record<string, string>>,
  ) {}

  async of({ name, secret_ref }: ExternalGateSettings, targetId: string): Promise<Signing> {
    if (secret_ref !== undefined) return this.open(secret_ref, targetId);
    const secret = this.settings[name];
    if (secret !== undefined) return { outcome: 'found', secret };
    const message = `neither the target nor the gates service has a signing secret for the external gate ${name}`;
    return { outcome: 'missing', code: 'external_secret_missing', message };
  }

  private async open(ref: string, targetId: string): Promise<Signing> {
    try {
      return { outcome: 'found', secret: await this.sealed.get(ref, targetId) };
    } catch (error) {
      if (!(error instanceof CannotOpenError)) throw error;
      return { outcome: 'missing', code: error.code, message: `the signing secret cannot be opened: ${error.message}` };
    }
  }
}
