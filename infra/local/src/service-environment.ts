import type { ServiceName } from '@m3/contracts';
import type { LocalIssuer } from './issuer.js';
import type { StackSecrets } from './secrets.js';
import type { StackOptions } from './stack.js';
import type { S3Settings } from './stack-servers.js';
import type { WebhookChannel } from './webhook-receiver.js';

/** What the settings of the services are made of. */
export interface ServiceSurroundings {
  readonly databaseUrls: Readonly<Record<ServiceName, string>>;
  readonly natsUrl: string;
  readonly s3: S3Settings;
  readonly secrets: StackSecrets;
  readonly issuer: LocalIssuer;
  readonly webhooks: readonly WebhookChannel[];
  /** Folder of the list of known vulnerabilities. */
  readonly vulnerabilities: string;
}

/** The surroundings as a service sees them that is led to its servers another way. */
export async function led(
  from: ServiceName,
  surroundings: ServiceSurroundings,
  lead: StackOptions['lead'],
): Promise<ServiceSurroundings> {
  if (lead === undefined) return surroundings;
  const { databaseUrls, natsUrl, s3 } = surroundings;
  return {
    ...surroundings,
    databaseUrls: { ...databaseUrls, [from]: await lead({ from, to: 'postgres', url: databaseUrls[from] }) },
    natsUrl: await lead({ from, to: 'nats', url: natsUrl }),
    s3: { ...s3, endpoint: await lead({ from, to: 's3', url: s3.endpoint }) },
  };
}

type Settings = Readonly<Record<string, string>>;

/** Targets of the stack are on this machine. */
const ALLOWED_ADDRESSES = '127.0.0.0/8';

/** The environment of a service: what it needs, and nothing that only others need. */
export function serviceEnvironment(service: ServiceName, surroundings: ServiceSurroundings): Settings {
  const { databaseUrls, natsUrl, secrets } = surroundings;
  const base = { DATABASE_URL: databaseUrls[service], NATS_URL: natsUrl, HOST: '127.0.0.1', LOG_LEVEL: 'info' };
  const targets = {
    SECRET_KEY: secrets.secretKey,
    TARGET_GATEWAY_TOKEN: secrets.targetGatewayToken,
    ALLOWED_ADDRESSES,
  };
  switch (service) {
    case 'gates':
      return { ...base, ...targets, ...storage(surroundings.s3), VULNERABILITY_DATABASE: surroundings.vulnerabilities };
    case 'targets':
    case 'backups':
      return { ...base, ...targets, ...storage(surroundings.s3) };
    case 'deployer':
      return { ...base, ...targets };
    case 'approvals':
      return base;
    case 'notifier':
      return { ...base, ALLOWED_ADDRESSES, WEBHOOKS: JSON.stringify(surroundings.webhooks) };
    case 'gateway':
      return { ...base, ...signIn(surroundings.issuer) };
  }
}

function storage({ endpoint, region, accessKeyId, secretAccessKey, bucket }: S3Settings): Settings {
  return {
    S3_ENDPOINT: endpoint,
    S3_REGION: region,
    S3_ACCESS_KEY_ID: accessKeyId,
    S3_SECRET_ACCESS_KEY: secretAccessKey,
    BACKUP_BUCKET: bucket,
  };
}

function signIn({ jwksFile, issuer, audience }: LocalIssuer): Settings {
  return { AUTH_JWKS_FILE: jwksFile, AUTH_ISSUER: issuer, AUTH_AUDIENCE: audience };
}
