import type { Stack } from '@m3/local';
import { FormatRegistry, type Static, type TSchema } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';

FormatRegistry.Set('date-time', (text) => !Number.isNaN(Date.parse(text)));

export interface ApiRequest {
  /** Below `/api/v1/`. */
  readonly path: string;
  /** With a body it is a POST. */
  readonly body?: object;
  readonly key?: string;
}

/** Asks the API of the stack as an admin, and answers the body. @throws Error with the problem when it is refused */
export async function askApi(stack: Stack, { path, body, key }: ApiRequest): Promise<unknown> {
  const answer = await fetch(`${stack.services.gateway.url}/api/v1/${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Bearer ${await stack.issuer.token({ sub: 'bench', roles: ['admin'] })}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${path} was refused: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** As `askApi`, with an answer of the shape that the contract says. */
export async function asked<Schema extends TSchema>(
  stack: Stack,
  schema: Schema,
  request: ApiRequest,
): Promise<Static<Schema>> {
  const reply = await askApi(stack, request);
  if (Value.Check(schema, reply)) return reply;
  throw new Error(`${request.path}: ${JSON.stringify(Value.Errors(schema, reply).First())}`);
}
