import type { PoolConfig } from 'pg';
import { TargetUnreachableError } from '../errors.js';

/** The harmless parts of a database URL: the only ones that may be shown, logged or put into an event. */
export interface DatabaseDescription {
  readonly host: string;
  readonly port: number;
  readonly name: string;
}

type Encryption = 'disable' | 'require' | 'no-verify' | 'verify-full';

/** Parameters that a URL may have. Others are refused: some of the driver's name files of this machine. */
const PARAMETERS: ReadonlySet<string> = new Set(['sslmode', 'application_name', 'connect_timeout']);

const TLS: Readonly<Record<Encryption, PoolConfig['ssl']>> = {
  disable: false,
  require: { rejectUnauthorized: false },
  'no-verify': { rejectUnauthorized: false },
  'verify-full': { rejectUnauthorized: true },
};

/**
 * @throws TargetUnreachableError (`invalid_url`) without repeating the URL
 */
export function describeDatabase(databaseUrl: string): DatabaseDescription {
  const { host, port, database } = connectionSettings(databaseUrl);
  return { host, port, name: database };
}

/**
 * Connection settings of a `postgresql://user:password@host:port/name` URL. `sslmode` is `disable` (default), `require`
 * (encrypted, as libpq: certificate not checked) or `verify-full`.
 * @throws TargetUnreachableError (`invalid_url`) without repeating the URL
 */
export function connectionSettings(databaseUrl: string) {
  const url = parsedUrl(databaseUrl);
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? 5432 : Number(url.port),
    user: decoded(url.username),
    password: decoded(url.password),
    database: databaseName(url),
    ssl: TLS[encryption(url)],
  } satisfies PoolConfig;
}

function parsedUrl(databaseUrl: string): URL {
  const url = URL.canParse(databaseUrl) ? new URL(databaseUrl) : null;
  if (url === null || !['postgres:', 'postgresql:'].includes(url.protocol)) {
    throw invalid('it has to start with postgresql:// and name a host');
  }
  const foreign = [...url.searchParams.keys()].some((name) => !PARAMETERS.has(name));
  if (foreign) throw invalid(`only the parameters ${[...PARAMETERS].join(', ')} are allowed in it`);
  return url;
}

function databaseName(url: URL): string {
  const name = decoded(url.pathname.slice(1));
  if (url.hostname !== '' && name !== '' && !name.includes('/')) return name;
  throw invalid('it has to name a host and one database: postgresql://user:password@host:port/name');
}

function encryption(url: URL): Encryption {
  const mode = url.searchParams.get('sslmode') ?? 'disable';
  switch (mode) {
    case 'disable':
    case 'require':
    case 'no-verify':
    case 'verify-full':
      return mode;
    default:
      throw invalid('sslmode may be disable, require, no-verify or verify-full');
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw invalid('it holds a % that is not followed by two hexadecimal digits: write it as %25');
  }
}

function invalid(reason: string): TargetUnreachableError {
  return new TargetUnreachableError('database', 'invalid_url', `The database URL cannot be used: ${reason}.`);
}
