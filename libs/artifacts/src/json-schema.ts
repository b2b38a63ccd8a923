import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { Static, TSchema } from '@sinclair/typebox';

/** The first breach of a schema: where (JSON pointer), and which field is missing or not known, if that is the reason. */
export interface SchemaBreach {
  readonly path: string;
  readonly keyword: string;
  readonly field?: string;
  readonly reason: string;
}

/** A compiled schema: `is` narrows the type, `breach` says what is wrong. */
export interface Checker<Value> {
  is(value: unknown): value is Value;
  breach(value: unknown): SchemaBreach | null;
}

// All errors at once would let a hostile document of a million bad items cost a million error objects.
const ajv = new Ajv({ strict: false, allErrors: false, discriminator: true });

/** A checker that is compiled when it is first used. */
export function checker<Schema extends TSchema>(schema: Schema): Checker<Static<Schema>> {
  let compiled: ValidateFunction<Static<Schema>> | undefined;
  const validate = (): ValidateFunction<Static<Schema>> => (compiled ??= ajv.compile<Static<Schema>>(schema));
  return {
    is: (value): value is Static<Schema> => validate()(value),
    breach: (value) => {
      const check = validate();
      return check(value) ? null : toBreach(check.errors ?? []);
    },
  };
}

function toBreach(errors: readonly ErrorObject[]): SchemaBreach {
  // The error that was met last is the outermost one; in an anyOf the first says more.
  const error = errors[0];
  if (!error) return { path: '', keyword: '', reason: 'does not have the documented shape' };
  const params: Record<string, unknown> = error.params;
  const field = params['missingProperty'] ?? params['additionalProperty'];
  return {
    path: error.instancePath,
    keyword: error.keyword,
    ...(typeof field === 'string' ? { field } : {}),
    reason: reasonOf(error, params),
  };
}

function reasonOf(error: ErrorObject, params: Record<string, unknown>): string {
  const allowed = params['allowedValues'];
  if (Array.isArray(allowed)) return `must be one of ${allowed.join(', ')}`;
  if (error.keyword === 'pattern')
    return error.instancePath === '' ? 'must not be empty' : 'does not have the right form';
  return error.message ?? 'does not have the documented shape';
}
