import { Ajv } from 'ajv';
import type { Static, TSchema } from '@sinclair/typebox';

const ajv = new Ajv({ strict: false });

/** Says whether a reply has the fields that the CLI reads. */
export type ReplyCheck<Reply> = (value: unknown) => value is Reply;

/**
 * A check that is strict on what is missing or of another type, and generous otherwise: a newer gateway may send more
 * fields and other formats of text.
 */
export function replyCheck<Schema extends TSchema>(schema: Schema): ReplyCheck<Static<Schema>> {
  const loose = loosenedSchemas.get(schema) ?? loosened(schema);
  loosenedSchemas.set(schema, loose);
  // Ajv compiles a schema object once.
  return ajv.compile<Static<Schema>>(loose);
}

const loosenedSchemas = new WeakMap<TSchema, object>();

function loosened(schema: TSchema): object {
  const loose: unknown = JSON.parse(
    JSON.stringify(schema, (keyword, value: unknown) => (isRestriction(keyword, value) ? undefined : value)),
  );
  return typeof loose === 'object' && loose !== null ? loose : {};
}

/** Told by the type of the value: a *property* of one of these names has a schema, an object, as its value. */
function isRestriction(keyword: string, value: unknown): boolean {
  if (keyword === 'additionalProperties') return value === false;
  if (keyword === 'pattern' || keyword === 'format' || keyword === '$id') return typeof value === 'string';
  return ['minLength', 'maxLength', 'minItems', 'maxItems', 'minimum', 'maximum'].includes(keyword)
    ? typeof value === 'number'
    : false;
}
