import { hash } from 'node:crypto';
import { orderedCopy } from './ordered-copy.js';

/** A value in the one form that the log has for it. */
export interface CanonicalForm {
  /** RFC 8785 canonical JSON. */
  readonly json: string;
  /** What the JSON reads as: a copy, without what JSON leaves out. */
  readonly value: unknown;
}

/** RFC 8785 canonical JSON. @throws TypeError for a value that JSON cannot hold */
export function canonicalJson(value: unknown): string {
  return canonicalForm(value).json;
}

/**
 * As `canonicalJson`, with what it reads as. Written here because every event passes through it: it takes half the time
 * of the library that its test compares it with, and the copy need not be read from the text again.
 */
export function canonicalForm(value: unknown): CanonicalForm {
  if (value === undefined) throw new TypeError('undefined has no JSON form');
  try {
    const { copy, inOrder } = orderedCopy(value);
    return { json: inOrder ? JSON.stringify(copy) : textOf(copy), value: copy };
  } catch (error) {
    if (error instanceof RangeError) throw new TypeError('Circular, or nested too deeply', { cause: error });
    throw error;
  }
}

/** For a value whose members JavaScript does not keep in the order of their keys; it is JSON already. */
function textOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(textOf).join()}]`;
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${textOf(Reflect.get(value, key))}`).join()}}`;
}

/** `sha256:<hex>` of text or bytes. */
export function sha256(content: string | Uint8Array): string {
  return `sha256:${hash('sha256', content, 'hex')}`;
}

/** `sha256:<hex>` over the RFC 8785 canonical form of a JSON value. */
export function canonicalDigest(value: unknown): string {
  return sha256(canonicalJson(value));
}
