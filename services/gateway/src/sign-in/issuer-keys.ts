import { readFile } from 'node:fs/promises';
import { createLocalJWKSet, createRemoteJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';

/** Where the issuer's public keys (a JWK set) are. */
export type KeySource = { readonly file: string } | { readonly url: string };

/** A file is read once; a URL is fetched when needed, and again for a key that is not known yet. @throws Error in plain words */
export async function issuerKeys(source: KeySource): Promise<JWTVerifyGetKey> {
  if ('url' in source) return createRemoteJWKSet(new URL(source.url), { timeoutDuration: 3_000 });
  const text = await readFile(source.file, 'utf8').catch(() => {
    throw new Error(`AUTH_JWKS_FILE: ${source.file} cannot be read`);
  });
  try {
    return createLocalJWKSet(JSON.parse(text) as JSONWebKeySet);
  } catch {
    throw new Error(`AUTH_JWKS_FILE: ${source.file} is no JWK set: {"keys": […]}`);
  }
}
