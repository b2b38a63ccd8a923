import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, createLocalJWKSet, base64url, type CryptoKey } from 'jose';
import { ProblemError } from '../http/problem-error.js';
import { TokenVerifier } from './token-verifier.js';

const issuer = 'urn:test:issuer';
const audience = 'm3-publish';
let key: CryptoKey;
let otherKey: CryptoKey;
let publicX: string;
let verifier: TokenVerifier;

beforeAll(async () => {
  const pair = await generateKeyPair('EdDSA');
  const jwk = await exportJWK(pair.publicKey);
  key = pair.privateKey;
  otherKey = (await generateKeyPair('EdDSA')).privateKey;
  publicX = jwk.x ?? '';
  verifier = new TokenVerifier({ issuer, audience, keys: createLocalJWKSet({ keys: [{ ...jwk, kid: 'k' }] }) });
});

interface Forged {
  readonly header?: object;
  readonly claims?: object;
  readonly omit?: readonly string[];
  readonly signedBy?: CryptoKey | Uint8Array;
}

function token({ header = {}, claims = {}, omit = [], signedBy = key }: Forged = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const usual = { iss: issuer, aud: audience, sub: 'ann', exp: now + 60, roles: ['admin'], ...claims };
  const payload = Object.fromEntries(Object.entries(usual).filter(([name]) => !omit.includes(name)));
  return new SignJWT(payload).setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: 'k', ...header }).sign(signedBy);
}

async function codeOf(authorization: string | undefined): Promise<string> {
  try {
    await verifier.signedIn(authorization);
    return 'let in';
  } catch (error) {
    return error instanceof ProblemError ? error.problem.code : 'fault';
  }
}

describe('a token', () => {
  it('says who calls, with which roles, until when', async () => {
    const exp = Math.floor(Date.now() / 1000) + 60;
    const signedIn = await verifier.signedIn(
      `Bearer ${await token({ claims: { exp, roles: ['viewer', 'root', 7] } })}`,
    );
    expect(signedIn).toEqual({ caller: { id: 'ann', roles: ['viewer'] }, until: exp * 1000 });
  });

  it('without roles gives none', async () => {
    for (const roles of [undefined, 'admin', { admin: true }]) {
      const { caller } = await verifier.signedIn(`Bearer ${await token({ claims: { roles } })}`);
      expect(caller.roles).toEqual([]);
    }
  });

  const now = Math.floor(Date.now() / 1000);
  const forgeries: readonly (readonly [string, () => Promise<string>])[] = [
    ['that has expired', () => token({ claims: { exp: now - 60 } })],
    ['that never expires', () => token({ omit: ['exp'] })],
    ['that is not valid yet', () => token({ claims: { nbf: now + 600 } })],
    ['for another audience', () => token({ claims: { aud: 'other' } })],
    ['for no audience', () => token({ omit: ['aud'] })],
    ['of another issuer', () => token({ claims: { iss: 'urn:evil' } })],
    ['of no issuer', () => token({ omit: ['iss'] })],
    ['for nobody', () => token({ omit: ['sub'] })],
    ['for a nameless subject', () => token({ claims: { sub: '' } })],
    ['for an endless subject', () => token({ claims: { sub: 'x'.repeat(500) } })],
    ['of another kind (id token)', () => token({ header: { typ: 'JWT' } })],
    ['of no kind', () => token({ header: { typ: undefined } })],
    ['of an unknown key', () => token({ signedBy: otherKey })],
    ['that names another key', () => token({ header: { kid: 'other' } })],
    ['with a critical extension', () => token({ header: { crit: ['x'], x: 1 } }).catch(() => 'a.b.c')],
    [
      'not signed at all',
      async () => new UnsecuredJWT({ sub: 'ann', iss: issuer, aud: audience, exp: now + 60 }).encode(),
    ],
    [
      'signed with the public key as a secret',
      () => token({ header: { alg: 'HS256' }, signedBy: base64url.decode(publicX) }),
    ],
    [
      'whose claims were changed after signing',
      async () => {
        const [header = '', , signature = ''] = (await token()).split('.');
        const claims = base64url.encode(
          JSON.stringify({ sub: 'eve', iss: issuer, aud: audience, exp: now + 60, roles: ['admin'] }),
        );
        return `${header}.${claims}.${signature}`;
      },
    ],
    ['that is rubbish', async () => 'a.b.c'],
  ];

  it.each(forgeries)('%s is refused', async (_what, forge) => {
    expect(await codeOf(`Bearer ${await forge()}`)).toMatch(/^(token_refused|sign_in_required)$/);
  });

  it.each([undefined, '', 'Bearer', 'Basic YTpi', 'Bearer a b c'])('%p is no token: sign in first', async (header) => {
    expect(await codeOf(header)).toBe('sign_in_required');
  });

  it('is never repeated in the refusal', async () => {
    const forged = await token({ claims: { aud: 'other', secret: 'canary' } });
    await expect(verifier.signedIn(`Bearer ${forged}`)).rejects.toMatchObject({
      message: 'The access token was refused: its claim "aud" is not the one asked for.',
    });
  });
});
