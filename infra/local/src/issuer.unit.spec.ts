import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose';
import { createLocalIssuer, type LocalIssuer } from './issuer.js';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'm3-issuer-'));
});
afterEach(() => rm(dir, { recursive: true }));

async function verified({ jwksFile, issuer, audience }: LocalIssuer, token: string) {
  const keys = JSON.parse(await readFile(jwksFile, 'utf8')) as JSONWebKeySet;
  return jwtVerify(token, createLocalJWKSet(keys), { issuer, audience, algorithms: ['EdDSA'], typ: 'at+jwt' });
}

describe('the local issuer', () => {
  it('signs tokens that its key file verifies', async () => {
    const issuer = await createLocalIssuer(dir);
    const { payload } = await verified(issuer, await issuer.token({ sub: 'ann', roles: ['admin'], hours: 1 }));
    expect(payload).toMatchObject({ sub: 'ann', roles: ['admin'] });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBeCloseTo(3600, -1);
  });

  it('has the same keys when it is opened again', async () => {
    const token = await (await createLocalIssuer(dir)).token({ sub: 'ann', roles: [] });
    await expect(verified(await createLocalIssuer(dir), token)).resolves.toBeDefined();
  });

  it('keeps the private key to itself', async () => {
    const { jwksFile } = await createLocalIssuer(dir);
    expect(await readFile(jwksFile, 'utf8')).not.toContain('"d"');
    expect((await stat(join(dir, 'private-key.json'))).mode & 0o077).toBe(0);
  });

  it('says what to do when its key file was damaged', async () => {
    await writeFile(join(dir, 'private-key.json'), '{"kty"');
    await expect(createLocalIssuer(dir)).rejects.toThrow('remove it, and a new one is made');
  });
});
