import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Caller } from '@m3/contracts';
import type { Request } from 'express';
import { setCaller } from '../http/api-request.js';
import { refuse } from '../http/problem-error.js';
import { ROUTE, type RouteSpec } from '../http/route-spec.js';
import { RateLimit } from './rate-limit.js';
import { TokenVerifier } from './token-verifier.js';

/** Lets callers in whose token is good and who have a role that the route asks for. A route that declares none lets nobody in. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly tokens: TokenVerifier,
    private readonly limit: RateLimit,
    private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request>();
    const spec = this.reflector.get<RouteSpec | undefined>(ROUTE, context.getHandler());
    const caller = await this.signedIn(request);
    this.limit.take(`caller ${caller.id}`);
    const allowed = spec?.roles ?? [];
    if (!caller.roles.some((role) => allowed.includes(role))) {
      throw refuse('role_missing', `This needs one of the roles: ${allowed.join(', ')}.`);
    }
    setCaller(request, caller);
    return true;
  }

  /** Failed attempts are counted by address, so that tokens cannot be guessed at speed. */
  private async signedIn(request: Request): Promise<Caller> {
    try {
      return await this.tokens.caller(request.headers.authorization);
    } catch (error) {
      this.limit.take(`address ${request.socket.remoteAddress ?? ''}`);
      throw error;
    }
  }
}
