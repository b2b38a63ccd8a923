import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { SeenCallers } from '../commands/seen-callers.js';
import { setSignedIn } from '../http/api-request.js';
import { refuse } from '../http/problem-error.js';
import { ROUTE, type RouteSpec } from '../http/route-spec.js';
import { RateLimit } from './rate-limit.js';
import { TokenVerifier, type SignedIn } from './token-verifier.js';

/** Lets callers in whose token is good and who have a role that the route asks for. A route that declares none lets nobody in. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly tokens: TokenVerifier,
    private readonly limit: RateLimit,
    private readonly reflector: Reflector,
    private readonly seen: SeenCallers,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request>();
    const spec = this.reflector.get<RouteSpec | undefined>(ROUTE, context.getHandler());
    const signedIn = await this.signedIn(request);
    const { caller } = signedIn;
    this.limit.take(`caller ${caller.id}`);
    this.seen.note(caller);
    const allowed = spec?.roles ?? [];
    if (!caller.roles.some((role) => allowed.includes(role))) {
      throw refuse('role_missing', `This needs one of the roles: ${allowed.join(', ')}.`);
    }
    setSignedIn(request, signedIn);
    return true;
  }

  /** Failed attempts are counted by address, so that tokens cannot be guessed at speed. */
  private async signedIn(request: Request): Promise<SignedIn> {
    try {
      return await this.tokens.signedIn(request.headers.authorization);
    } catch (error) {
      this.limit.take(`address ${request.socket.remoteAddress ?? ''}`);
      throw error;
    }
  }
}
