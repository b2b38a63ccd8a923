/** Reading JSON that others wrote: every reader answers `undefined` where the value is not of the kind asked for. */

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function objectIn(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

export function textIn(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function numberIn(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

export function listIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function textsIn(value: unknown): readonly string[] {
  return listIn(value).filter((item) => typeof item === 'string');
}

/** An own property only, so that a name such as `constructor` finds nothing. */
export function ownProperty(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}

/** What checks and models see of a value: its `text` if it has one, else the value as text or JSON. */
export function readableText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '';
  const text = ownProperty(value, 'text');
  return typeof text === 'string' ? text : JSON.stringify(value);
}

/** A string as it is, nothing as an empty one, anything else as JSON: `7`, `true`, `null`. */
export function scalarText(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
