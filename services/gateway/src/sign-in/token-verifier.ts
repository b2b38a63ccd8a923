import { errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import { Role, type Caller } from '@m3/contracts';
import { refuse, type ProblemError } from '../http/problem-error.js';

export interface TokenRules {
  readonly issuer: string;
  readonly audience: string;
  /** Public keys of the issuer. */
  readonly keys: JWTVerifyGetKey;
}

/** The one kind of token that is accepted. Nothing about it is up to the token. */
const ALGORITHM = 'EdDSA';
const TOKEN_TYPE = 'at+jwt';
const CLOCK_TOLERANCE_SECONDS = 5;
const knownRoles: readonly Role[] = Role.anyOf.map(({ const: role }) => role);

/** Who calls, and until when the token says so (milliseconds since 1970). */
export interface SignedIn {
  readonly caller: Caller;
  readonly until: number;
}

/** Finds out who calls, from a signed access token (RFC 9068) and from nothing else. */
export class TokenVerifier {
  constructor(private readonly rules: TokenRules) {}

  /** @param authorization the header of that name @throws ProblemError */
  async signedIn(authorization: string | undefined): Promise<SignedIn> {
    const token = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) throw signInRequired();
    const payload = await this.verified(token);
    const id = payload.sub ?? '';
    if (id === '' || id.length > 200) throw refused('its subject is missing or too long');
    return { caller: { id, roles: rolesOf(payload) }, until: (payload.exp ?? 0) * 1000 };
  }

  private async verified(token: string): Promise<JWTPayload> {
    const { keys, issuer, audience } = this.rules;
    try {
      const { payload } = await jwtVerify(token, keys, {
        algorithms: [ALGORITHM],
        issuer,
        audience,
        typ: TOKEN_TYPE,
        requiredClaims: ['exp', 'sub'],
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
      });
      return payload;
    } catch (error) {
      throw faultOf(error);
    }
  }
}

function rolesOf(payload: JWTPayload): Role[] {
  const claimed: unknown = payload['roles'];
  if (!Array.isArray(claimed)) return [];
  return knownRoles.filter((role) => claimed.includes(role));
}

function faultOf(error: unknown): unknown {
  const unreachable =
    error instanceof errors.JWKSTimeout || (error instanceof TypeError && error.message === 'fetch failed');
  if (unreachable)
    return refuse('storage_unavailable', 'The keys of the token issuer cannot be fetched at the moment.');
  return error instanceof errors.JOSEError ? refused(reasonOf(error)) : error;
}

/** In our words: what the library says may quote the token. */
function reasonOf(error: errors.JOSEError): string {
  if (error instanceof errors.JWTExpired) return 'it has expired; sign in again';
  if (error instanceof errors.JWTClaimValidationFailed) return `its claim "${error.claim}" is not the one asked for`;
  if (error instanceof errors.JOSEAlgNotAllowed) return `it must be signed with ${ALGORITHM}`;
  return 'it was not signed by a key of the issuer, or is damaged';
}

function signInRequired(): ProblemError {
  return refuse('sign_in_required', 'Send an access token in the header "Authorization: Bearer …".', {
    headers: { 'WWW-Authenticate': 'Bearer realm="m3-publish"' },
  });
}

function refused(reason: string): ProblemError {
  return refuse('token_refused', `The access token was refused: ${reason}.`, {
    headers: { 'WWW-Authenticate': 'Bearer realm="m3-publish", error="invalid_token"' },
  });
}
