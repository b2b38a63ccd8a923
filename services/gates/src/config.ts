import { SigningSecret } from '@m3/contracts';
import type { KeyProvider } from '@m3/secrets';
import { SettingError, type Environment } from '@m3/service-kit';
import { readSecretKeys } from '@m3/target-access';
import { Value } from '@sinclair/typebox/value';

/** Settings of the gates beside those of every service. */
export interface GatesConfig {
  readonly backupBucket: string;
  /** Where `m3-publish gate osv import` put known vulnerabilities. */
  readonly vulnerabilityFolder: string | undefined;
  /** Signing secrets by the name of the external gate, for target documents without one. */
  readonly externalSecrets: Readonly<Record<string, string>>;
  readonly publicUrl: string;
  readonly secretKey: string;
  /** Of the secrets that came with target documents. */
  readonly secretKeys: KeyProvider;
  readonly allowedAddresses: readonly string[];
}

/** @throws SettingError */
export function readConfig(environment: Environment): GatesConfig {
  return {
    backupBucket: environment.text('BACKUP_BUCKET', 'm3-backups'),
    vulnerabilityFolder: environment.optional('VULNERABILITY_DATABASE'),
    externalSecrets: secretsIn(environment.text('EXTERNAL_GATE_SECRETS', '{}')),
    publicUrl: environment.text('PUBLIC_URL', 'http://127.0.0.1:7400').replace(/\/+$/, ''),
    secretKey: environment.text('SECRET_KEY'),
    secretKeys: readSecretKeys(environment),
    allowedAddresses: environment.list('ALLOWED_ADDRESSES'),
  };
}

function secretsIn(text: string): Readonly<Record<string, string>> {
  const secrets = parsed(text);
  if (
    typeof secrets === 'object' &&
    secrets !== null &&
    Object.values(secrets).every((secret) => Value.Check(SigningSecret, secret))
  ) {
    return Object.fromEntries(Object.entries(secrets));
  }
  throw new SettingError(`EXTERNAL_GATE_SECRETS must be a JSON object by gate; each is ${SigningSecret.description}`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
