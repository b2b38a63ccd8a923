import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, importJWK, SignJWT, type JWK } from 'jose';
import type { Role } from '@m3/contracts';

/** An issuer of access tokens for one machine: for development and tests, in place of a company's own. */
export interface LocalIssuer {
  /** The public keys, as the gateway's AUTH_JWKS_FILE. */
  readonly jwksFile: string;
  readonly issuer: string;
  readonly audience: string;
  /** A signed access token (RFC 9068) for a person or service. */
  token(holder: TokenHolder): Promise<string>;
}

export interface TokenHolder {
  readonly sub: string;
  readonly roles: readonly Role[];
  /** How long it is good for; default 12. */
  readonly hours?: number;
}

const ISSUER = 'urn:m3-publish:local-issuer';
const AUDIENCE = 'm3-publish';
const ALGORITHM = 'EdDSA';
const KEY_ID = 'local';

/** The issuer whose keys are in `dir`; they are made when they are not there. The private key is readable by its owner only. */
export async function createLocalIssuer(dir: string): Promise<LocalIssuer> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const privateJwk = (await readKey(join(dir, 'private-key.json'))) ?? (await makeKey(join(dir, 'private-key.json')));
  const key = await importJWK(privateJwk, ALGORITHM);
  const jwksFile = join(dir, 'jwks.json');
  await writeWhole(jwksFile, { keys: [publicPart(privateJwk)] }, 0o644);
  return {
    jwksFile,
    issuer: ISSUER,
    audience: AUDIENCE,
    token: ({ sub, roles, hours = 12 }) =>
      new SignJWT({ roles: [...roles] })
        .setProtectedHeader({ alg: ALGORITHM, typ: 'at+jwt', kid: KEY_ID })
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setSubject(sub)
        .setIssuedAt()
        .setExpirationTime(Math.floor(Date.now() / 1000 + hours * 3600))
        .sign(key),
  };
}

async function readKey(file: string): Promise<JWK | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as JWK;
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new Error(`${file} is no signing key any more: remove it, and a new one is made`, { cause: error });
  }
}

async function makeKey(file: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  const jwk = await exportJWK(privateKey);
  await writeWhole(file, jwk, 0o600);
  return jwk;
}

function publicPart({ kty, crv, x }: JWK): JWK {
  return { ...(kty && { kty }), ...(crv && { crv }), ...(x && { x }), alg: ALGORITHM, use: 'sig', kid: KEY_ID };
}

/** Never half a file, even if the process dies meanwhile. */
async function writeWhole(file: string, content: object, mode: number): Promise<void> {
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, JSON.stringify(content), { mode });
  await rename(draft, file);
}
