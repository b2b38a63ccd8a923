import type { GivenServers, StackPorts } from './stack.js';

/** What `start.mjs` read from its arguments. */
export interface StartOptions {
  /** End after the publish. */
  readonly once: boolean;
  /** The first of the ports; the others follow it. */
  readonly port: number;
  /** Everything that outlives a run is kept here. */
  readonly home: string;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** A setting of the environment that cannot be used; the message names it. */
export class StartSettingError extends Error {
  override readonly name = 'StartSettingError';
}

/** The port of each part: the gateway's is the first. */
export function portsFrom(first: number): Required<StackPorts> {
  return {
    ...{ gateway: first, targets: first + 1, gates: first + 2, approvals: first + 3, backups: first + 4 },
    ...{ deployer: first + 5, notifier: first + 6 },
    ...{ postgres: first + 20, nats: first + 21, s3: first + 22 },
  };
}
export const sandboxPort = (first: number, index: number): number => first + 11 + index;

/** DATABASE_URL, NATS_URL and S3_ENDPOINT name servers that are used in place of embedded ones. @throws StartSettingError */
export function givenServers(env: Variables): GivenServers {
  const { DATABASE_URL: adminUrl, NATS_URL: url } = env;
  return {
    ...(adminUrl ? { postgres: { adminUrl: checked('DATABASE_URL', adminUrl, ['postgres:', 'postgresql:']) } } : {}),
    ...(url ? { nats: { url: checked('NATS_URL', url, ['nats:', 'tls:', 'ws:', 'wss:']) } } : {}),
    ...(env.S3_ENDPOINT ? { s3: givenS3(env, env.S3_ENDPOINT) } : {}),
  };
}

function givenS3(env: Variables, endpoint: string) {
  return {
    endpoint: checked('S3_ENDPOINT', endpoint, ['http:', 'https:']),
    region: env.S3_REGION || 'us-east-1',
    accessKeyId: needed(env, 'S3_ACCESS_KEY_ID'),
    secretAccessKey: needed(env, 'S3_SECRET_ACCESS_KEY'),
    bucket: env.BACKUP_BUCKET || 'm3-backups',
  };
}

function needed(env: Variables, name: string): string {
  const value = env[name];
  if (value) return value;
  throw new StartSettingError(`S3_ENDPOINT is set, so ${name} has to be set too.`);
}

/** The value may hold a password, so it is never repeated. */
function checked(name: string, value: string, protocols: readonly string[]): string {
  const url = URL.canParse(value) ? new URL(value) : null;
  if (url !== null && protocols.includes(url.protocol) && url.hostname !== '') return value;
  throw new StartSettingError(`${name} is no address that starts with ${protocols.map((p) => `${p}//`).join(' or ')}.`);
}
