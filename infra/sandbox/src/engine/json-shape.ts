import { isObject, listIn, objectIn, ownProperty, textsIn, type JsonObject } from './json.js';

const DEEPEST = 32;

const kinds: Readonly<Record<string, (value: unknown) => boolean>> = {
  object: isObject,
  array: Array.isArray,
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: Number.isInteger,
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
};

/**
 * Checks a value against the plain part of JSON Schema: `type`, `required`, `properties`, `items`, `enum`. Other keywords
 * are not looked at: a schema of a plan's author is read, never compiled. No schema fits nothing.
 */
export function jsonFits(value: unknown, schema: unknown, depth = 0): boolean {
  if (!isObject(schema) || depth > DEEPEST) return false;
  return (
    hasType(value, schema.type) &&
    isListed(value, schema.enum) &&
    propertiesFit(value, schema, depth) &&
    itemsFit(value, schema, depth)
  );
}

function hasType(value: unknown, type: unknown): boolean {
  if (type === undefined) return true;
  const names = typeof type === 'string' ? [type] : textsIn(type);
  return names.some((name) => Object.hasOwn(kinds, name) && kinds[name]?.(value) === true);
}

function isListed(value: unknown, listed: unknown): boolean {
  return listed === undefined || listIn(listed).some((item) => JSON.stringify(item) === JSON.stringify(value));
}

function propertiesFit(value: unknown, schema: JsonObject, depth: number): boolean {
  if (!isObject(value)) return true;
  if (!textsIn(schema.required).every((name) => Object.hasOwn(value, name))) return false;
  return Object.entries(objectIn(schema.properties)).every(
    ([name, member]) => !Object.hasOwn(value, name) || jsonFits(ownProperty(value, name), member, depth + 1),
  );
}

function itemsFit(value: unknown, schema: JsonObject, depth: number): boolean {
  if (!Array.isArray(value) || schema.items === undefined) return true;
  return value.every((item) => jsonFits(item, schema.items, depth + 1));
}
