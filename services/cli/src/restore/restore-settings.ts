import type { ObjectStorageSettings } from '@m3/object-storage';
import { CliError } from '../cli-error.js';

/** What a restore by hand is given on the command line. Secrets come from the environment only. */
export interface RestoreOptions {
  readonly target?: string | undefined;
  readonly from: string;
  readonly digest?: string | undefined;
  readonly databaseUrl?: string | undefined;
  readonly targetDatabaseUrl?: string | undefined;
  readonly schema?: string | undefined;
  readonly s3Endpoint?: string | undefined;
  readonly s3Region?: string | undefined;
  readonly bucket?: string | undefined;
}

/** Where everything is that a restore needs; names and meaning as in the settings of the backups service. */
export interface RestoreSettings {
  /** The product's own database, for the log and the secrets. */
  readonly logUrl: string | undefined;
  readonly secretKey: string | undefined;
  /** Keys that secrets may still be under. */
  readonly previousKeys: readonly string[];
  readonly targetUrl: string | undefined;
  readonly gatewayToken: string | undefined;
  readonly allowedAddresses: readonly string[];
  readonly bucket: string;
  /** @throws CliError when a setting is missing */
  readonly storage: () => ObjectStorageSettings;
}

type Variables = Readonly<Record<string, string | undefined>>;

export function restoreSettings(options: RestoreOptions, env: Variables): RestoreSettings {
  const setting = (flag: string | undefined, name: string) => flag ?? (env[name] === '' ? undefined : env[name]);
  return {
    logUrl: setting(options.databaseUrl, 'DATABASE_URL'),
    secretKey: setting(undefined, 'SECRET_KEY'),
    previousKeys: listed(env['SECRET_KEYS_PREVIOUS']),
    targetUrl: setting(options.targetDatabaseUrl, 'M3_TARGET_DATABASE_URL'),
    gatewayToken: setting(undefined, 'TARGET_GATEWAY_TOKEN'),
    allowedAddresses: listed(env['ALLOWED_ADDRESSES']),
    bucket: setting(options.bucket, 'BACKUP_BUCKET') ?? 'm3-backups',
    storage: () => ({
      endpoint: needed(setting(options.s3Endpoint, 'S3_ENDPOINT'), 'S3_ENDPOINT', '--s3-endpoint'),
      region: setting(options.s3Region, 'S3_REGION') ?? 'us-east-1',
      accessKeyId: needed(setting(undefined, 'S3_ACCESS_KEY_ID'), 'S3_ACCESS_KEY_ID'),
      secretAccessKey: needed(setting(undefined, 'S3_SECRET_ACCESS_KEY'), 'S3_SECRET_ACCESS_KEY'),
    }),
  };
}

const listed = (text = ''): readonly string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

function needed(value: string | undefined, name: string, flag?: string): string {
  if (value !== undefined) return value;
  const remedy = `set ${name}${flag === undefined ? '' : ` or give ${flag}`}; it is one of the settings of the backups service`;
  throw new CliError('setting_missing', `${name} is not set`, { field: name, remedy });
}
