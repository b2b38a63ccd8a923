import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { RateLimit } from './rate-limit.js';

/** Counts requests of callers who do not sign in by their address, so that tokens cannot be guessed at speed. */
@Injectable()
export class AddressLimit implements CanActivate {
  constructor(private readonly limit: RateLimit) {}

  canActivate(context: ExecutionContext): boolean {
    const { socket } = context.switchToHttp().getRequest<Request>();
    this.limit.take(`address ${socket.remoteAddress ?? ''}`);
    return true;
  }
}
