import 'reflect-metadata';
import { PATH_METADATA } from '@nestjs/common/constants.js';
import { ProblemReply, problemCodes } from '@m3/contracts';
import type { TSchema } from '@sinclair/typebox';
import { ROUTE, type RouteSpec } from '../http/route-spec.js';

/** The OpenAPI document of the API, made of what the routes declare: the same schemas that requests are checked against. */

type Controller = abstract new (...dependencies: never[]) => object;
type Json = Readonly<Record<string, unknown>>;

/** @param version of the API */
export function openApi(controllers: readonly Controller[], version: string): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const { path, tag, spec } of controllers.flatMap(routesOf)) {
    paths[path] = { ...paths[path], [spec.method.toLowerCase()]: operation(spec, tag) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'M3 Forge Publishing',
      version,
      description:
        'Errors are RFC 9457 problem documents with a stable `code`. Every POST takes an `Idempotency-Key`: ' +
        'the same request with the same key is carried out once.',
    },
    security: [{ token: [] }],
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
    paths,
    // Every stable code with its HTTP status and its meaning, for programs that decide by it.
    'x-problem-codes': problemCodes,
  };
}

interface DeclaredRoute {
  readonly path: string;
  readonly tag: string;
  readonly spec: RouteSpec;
}

function routesOf(controller: Controller): DeclaredRoute[] {
  const base: unknown = Reflect.getMetadata(PATH_METADATA, controller);
  return Object.values(Object.getOwnPropertyDescriptors(controller.prototype)).flatMap(({ value }) => {
    if (typeof value !== 'function') return [];
    const spec = Reflect.getMetadata(ROUTE, value as object) as RouteSpec | undefined;
    if (spec === undefined) return [];
    const path = `${String(base)}/${spec.path}`.replace(/\/+$/, '').replaceAll('//', '/');
    return [{ path: path.replaceAll(/:(\w+)/g, '{$1}'), tag: path.split('/')[3] ?? 'api', spec }];
  });
}

function operation(spec: RouteSpec, tag: string): Json {
  return {
    summary: spec.summary,
    ...access(spec),
    tags: [tag],
    parameters: [...pathParameters(spec), ...queryParameters(spec), ...idempotencyKey(spec), ...ifMatch(spec)],
    ...(spec.body === undefined
      ? {}
      : { requestBody: { required: spec.body.optional !== true, content: jsonContent(spec.body.schema) } }),
    responses: {
      [spec.status ?? 200]: reply(spec.reply),
      default: { description: 'A problem', content: { 'application/problem+json': { schema: plain(ProblemReply) } } },
    },
  };
}

function access({ roles }: RouteSpec): Json {
  return roles.length === 0
    ? { description: 'Without signing in: the token in the address counts, once.', security: [] }
    : { description: `Roles: ${roles.join(', ')}.` };
}

function pathParameters({ params = {} }: RouteSpec): Json[] {
  return Object.entries(params).map(([name, schema]) => ({ name, in: 'path', required: true, schema: plain(schema) }));
}

function queryParameters({ query }: RouteSpec): Json[] {
  if (query === undefined) return [];
  const { properties, required = [] } = query;
  return Object.entries(properties).map(([name, schema]) => ({
    ...{ name, in: 'query', required: required.includes(name), schema: plain(schema) },
  }));
}

function idempotencyKey({ method }: RouteSpec): Json[] {
  if (method !== 'POST') return [];
  const schema = { type: 'string', minLength: 1, maxLength: 200 };
  return [{ name: 'Idempotency-Key', in: 'header', required: false, schema }];
}

function ifMatch({ method, conditional }: RouteSpec): Json[] {
  if (conditional !== true || method === 'GET') return [];
  const description = 'ETag or revision of the target that was looked at; 412 `target_changed` if it was changed since';
  return [{ name: 'If-Match', in: 'header', required: false, description, schema: { type: 'string', maxLength: 100 } }];
}

function reply(spec: RouteSpec['reply']): Json {
  if ('schema' in spec) return { description: 'Done', content: jsonContent(spec.schema) };
  return { description: spec.description, content: { [spec.contentType]: { schema: { type: 'string' } } } };
}

function jsonContent(schema: TSchema): Json {
  return { 'application/json': { schema: plain(schema) } };
}

/** Without ids, which are only of use where several documents refer to one another. */
function plain(schema: TSchema): unknown {
  return JSON.parse(JSON.stringify(schema), (key, value: unknown) => (key === '$id' ? undefined : value));
}
