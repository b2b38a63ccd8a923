import { SettingError, type Environment } from '@m3/service-kit';

/** Settings of the gates beside those of every service. */
export interface GatesConfig {
  readonly backupBucket: string;
  /** Where `m3-publish gate osv import` put known vulnerabilities. */
  readonly vulnerabilityFolder: string | undefined;
  /** Signing secrets of external gates by name. */
  readonly externalSecrets: Readonly<Record<string, string>>;
  readonly publicUrl: string;
  readonly secretKey: string;
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
    allowedAddresses: environment.list('ALLOWED_ADDRESSES'),
  };
}

function secretsIn(text: string): Readonly<Record<string, string>> {
  const secrets = parsed(text);
  if (typeof secrets === 'object' && secrets !== null && Object.values(secrets).every(isSecret)) {
    return Object.fromEntries(Object.entries(secrets));
  }
  throw new SettingError('EXTERNAL_GATE_SECRETS must be a JSON object of secrets that start with whsec_, by gate');
}

const isSecret = (value: unknown): boolean => typeof value === 'string' && /^whsec_[A-Za-z0-9+/=]{8,}$/.test(value);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
