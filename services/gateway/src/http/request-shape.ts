import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Type } from '@sinclair/typebox';
import type { Request, Response } from 'express';
import type { Observable } from 'rxjs';
import { isStorable } from './json-limits.js';
import { readJsonBody } from './json-body.js';
import { refuse } from './problem-error.js';
import { ROUTE, type RouteBody, type RouteSpec } from './route-spec.js';
import { flawOf } from './validation.js';

/** Lets a request through to its handler only if address, query and body have the form that the route declares. */
@Injectable()
export class RequestShape implements NestInterceptor {
  constructor(private readonly reflector: Reflector) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    const spec = this.reflector.get<RouteSpec>(ROUTE, context.getHandler());
    checkPath(request);
    checkQuery(request, spec);
    if (spec.body) await checkBody(request, http.getResponse<Response>(), spec.body);
    return next.handle();
  }
}

function checkPath({ params }: Request): void {
  for (const [name, value] of Object.entries(params)) {
    const text = String(value);
    if (text.length > 200 || !isStorable(text)) {
      throw refuse('invalid_path', `The part "${name}" of the address is too long or not valid text.`);
    }
  }
}

function checkQuery(request: Request, spec: RouteSpec): void {
  const query: Record<string, unknown> = { ...request.query };
  for (const [name, value] of Object.entries(query)) {
    if (typeof value !== 'string' || !isStorable(value)) {
      throw refuse('invalid_query', `Give the query parameter "${name}" once, as plain text.`, { field: `/${name}` });
    }
  }
  const flaw = flawOf(spec.query ?? noQuery, query, 'text');
  if (flaw) throw refuse('invalid_query', `Query parameter: ${flaw.detail}`, { field: flaw.field });
  // Express derives it from the address with each access; handlers get it with numbers as numbers.
  Object.defineProperty(request, 'query', { value: query, configurable: true });
}

const noQuery = Type.Object({}, { additionalProperties: false });

async function checkBody(request: Request, response: Response, body: RouteBody): Promise<void> {
  await readJsonBody(request, response, body.size ?? 'usual');
  if (request.body === undefined) {
    if (!body.optional) throw refuse('body_required', 'This request needs a JSON body.');
    request.body = {};
  }
  const document: unknown = request.body;
  const flaw = flawOf(body.choose?.(document) ?? body.schema, document);
  if (flaw) throw refuse(flaw.code ?? 'invalid_body', flaw.detail, { field: flaw.field });
}
