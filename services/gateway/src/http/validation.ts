import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { namedProblem, withFormats, type ProblemCode } from '@m3/contracts';
import type { TSchema } from '@sinclair/typebox';

/** Checks parts of requests against the schemas that the API declares. Schemas are compiled on first use. */

/** The first thing that is wrong with a document, in words that say what would be right. */
export interface Flaw {
  /** JSON pointer. */
  readonly field: string;
  readonly detail: string;
  /** Undefined: the schema that is broken names no problem of its own. */
  readonly code?: ProblemCode | undefined;
}

const strict = withFormats(new Ajv({ strict: false, useDefaults: true, verbose: true, validateFormats: true }));
/** For query strings, where numbers and booleans come as text. */
const lenient = withFormats(new Ajv({ strict: false, useDefaults: true, verbose: true, coerceTypes: true }));
const compiled = { json: new WeakMap<TSchema, ValidateFunction>(), text: new WeakMap<TSchema, ValidateFunction>() };

/** Checks a value in place: defaults are filled in, and text becomes numbers where `from` is `text`. Null: nothing is wrong. */
export function flawOf(schema: TSchema, value: unknown, from: 'json' | 'text' = 'json'): Flaw | null {
  const validate = validator(schema, from);
  if (validate(value)) return null;
  return describe(validate.errors ?? []);
}

function validator(schema: TSchema, from: 'json' | 'text'): ValidateFunction {
  const known = compiled[from].get(schema);
  if (known) return known;
  // An $id would be registered with ajv, once and for all: the same schema is part of several others.
  const anonymous: unknown = JSON.parse(JSON.stringify(schema), (key, value: unknown) =>
    key === '$id' ? undefined : value,
  );
  const fresh = (from === 'json' ? strict : lenient).compile(anonymous as object);
  compiled[from].set(schema, fresh);
  return fresh;
}

function describe(errors: readonly ErrorObject[]): Flaw {
  const telling = mostTelling(errors);
  if (telling === undefined) return { field: '', detail: 'It has not the form that is asked for.' };
  const allowed = allowedValues(errors, telling);
  const at = telling.instancePath;
  if (allowed.length > 0) return { field: at, detail: `${name(at)} must be one of: ${allowed.join(', ')}.` };
  return flawOfError(telling);
}

/** Of a union's complaints, the deepest tells best what its author meant. */
function mostTelling(errors: readonly ErrorObject[]): ErrorObject | undefined {
  const depth = (error: ErrorObject) => error.instancePath.split('/').length + (error.keyword === 'anyOf' ? -0.5 : 0);
  return [...errors].sort((a, b) => depth(b) - depth(a))[0];
}

function allowedValues(errors: readonly ErrorObject[], telling: ErrorObject): string[] {
  const same = errors.filter(({ instancePath }) => instancePath === telling.instancePath);
  if (telling.keyword !== 'const') return [];
  return same.flatMap(({ keyword, params }) => (keyword === 'const' ? [JSON.stringify(params['allowedValue'])] : []));
}

function flawOfError(error: ErrorObject): Flaw {
  const { keyword, instancePath, params, message } = error;
  if (keyword === 'required') {
    const field = `${instancePath}/${pointer(String(params['missingProperty']))}`;
    return { field, detail: `${name(field)} is missing.` };
  }
  if (keyword === 'additionalProperties') {
    const field = `${instancePath}/${pointer(String(params['additionalProperty']))}`;
    return { field, detail: `${name(field)} is not a known field.` };
  }
  const code = namedProblem(error);
  if (code !== undefined)
    return { code, field: instancePath, detail: `${name(instancePath)} has nothing in it to read.` };
  return { field: instancePath, detail: `${name(instancePath)} ${message ?? 'is not as it should be'}.` };
}

/** RFC 6901. */
function pointer(property: string): string {
  return property.replaceAll('~', '~0').replaceAll('/', '~1').slice(0, 100);
}

function name(field: string): string {
  return field === '' ? 'It' : field;
}
