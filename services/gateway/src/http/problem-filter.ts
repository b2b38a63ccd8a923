import { randomUUID } from 'node:crypto';
import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { EventStoreUnavailableError } from '@m3/event-store';
import type { Request, Response } from 'express';
import { ProblemError, refuse } from './problem-error.js';

/** Where faults are told, with the id that the caller sees too. */
export interface FaultLog {
  error(details: object, message: string): void;
}

/** Turns whatever is thrown into an RFC 9457 problem document. The only place that writes an error to a caller. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly log: FaultLog) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<Request>();
    const response = http.getResponse<Response>();
    const instance = `urn:uuid:${randomUUID()}`;
    const { problem, headers } = asProblem(error, request);
    if (problem.status >= 500) this.log.error({ err: error, instance, path: withoutToken(request.path) }, problem.code);
    // A stream that has begun cannot say what went wrong: its reader notices that it was cut off, and resumes.
    if (response.headersSent) return void response.destroy();
    response
      .status(problem.status)
      .set(headers)
      .set('Content-Type', 'application/problem+json; charset=utf-8')
      .send(JSON.stringify({ ...problem, instance }));
  }
}

/** The address of a callback holds a token that may still count. */
const withoutToken = (path: string): string => path.replace(/(\/callbacks\/).+$/, '$1…');

function asProblem(error: unknown, request: Request): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error instanceof HttpException) return fromNest(error, request);
  if (isStorageFault(error)) {
    return refuse('storage_unavailable', 'The database does not answer at the moment. Ask again in a few seconds.', {
      headers: { 'Retry-After': '2' },
    });
  }
  return refuse('internal_error', 'Something went wrong here. The instance id leads to it in the log of the gateway.');
}

function fromNest(error: HttpException, request: Request): ProblemError {
  const status = error.getStatus();
  if (status === 404) {
    return refuse('unknown_route', `There is no ${request.method} ${request.path}. The API is described at /api/docs.`);
  }
  if (status === 503) return refuse('storage_unavailable', 'The gateway cannot do its work at the moment.');
  if (status < 500) return refuse('invalid_path', 'The address of the request is not well formed.');
  return refuse('internal_error', 'Something went wrong here. The instance id leads to it in the log of the gateway.');
}

/** Connection faults of sockets and SQLSTATE classes of a server that is not there. */
function isStorageFault(error: unknown): boolean {
  if (error instanceof EventStoreUnavailableError) return true;
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (/^(ECONN|EPIPE|ETIMEDOUT|57P|08|53)/.test(code)) return true;
  return /connection terminated|timeout exceeded when trying to connect|query read timeout/i.test(error.message);
}
