/** How large a JSON document may be: bytes of text, nesting levels, and values of any kind. */
export interface JsonLimits {
  readonly bytes: number;
  readonly depth: number;
  readonly values: number;
}

/** Why a value was not taken as JSON; `path` is a JSON pointer to the place. */
export interface JsonProblem {
  readonly kind: 'too_large' | 'too_deep' | 'too_many_values' | 'forbidden_key' | 'unusable_text' | 'not_json';
  readonly path: string;
  readonly reason: string;
}

interface Frame {
  readonly container: object;
  readonly keys: readonly string[] | null;
  next: number;
  readonly length: number;
}

/**
 * Walks a value without recursion and says whether it is plain JSON within the limits: no cycles, no `__proto__` key, no
 * number that JSON cannot write, no text that PostgreSQL cannot keep (NUL, half a surrogate pair).
 */
export function checkJsonValue(value: unknown, limits: JsonLimits): JsonProblem | null {
  const walk = new JsonWalk(limits);
  for (let at: { value: unknown } | null = { value }; at; at = walk.next()) {
    const fault = walk.visit(at.value);
    if (fault) return fault;
  }
  return null;
}

class JsonWalk {
  private readonly stack: Frame[] = [];
  private values = 0;
  private bytes = 0;

  constructor(private readonly limits: JsonLimits) {}

  /** Judges one value by itself, and opens it if it holds others. */
  visit(value: unknown): JsonProblem | null {
    this.values++;
    if (this.values > this.limits.values) return tooMany(this.limits);
    const fault = valueFault(value);
    if (fault) return problem(fault.kind, this.pointer(), fault.reason);
    if (typeof value === 'string') return this.count(value);
    return typeof value === 'object' && value !== null ? this.open(value) : null;
  }

  /** The value after the one that was visited last; null at the end. */
  next(): { value: unknown } | null {
    let top = this.stack.at(-1);
    while (top && top.next >= top.length) {
      this.stack.pop();
      top = this.stack.at(-1);
    }
    return top ? { value: Reflect.get(top.container, keyOf(top, top.next++)) } : null;
  }

  private count(text: string): JsonProblem | null {
    this.bytes += Buffer.byteLength(text);
    return this.bytes > this.limits.bytes ? tooLarge(this.limits) : null;
  }

  private open(container: object): JsonProblem | null {
    if (this.stack.length >= this.limits.depth) return tooDeep(this.limits, this.pointer());
    const keys = Array.isArray(container) ? null : Object.keys(container);
    const bad = keys?.find((key) => key === '__proto__' || !isUsableText(key));
    if (bad !== undefined) return forbiddenKey(bad, this.pointer());
    const length = Array.isArray(container) ? container.length : (keys?.length ?? 0);
    this.stack.push({ container, keys, next: 0, length });
    return null;
  }

  private pointer(): string {
    return toPointer(this.stack.map((frame) => keyOf(frame, frame.next - 1)));
  }
}

/** Every string in a JSON value with the JSON pointer to it, without recursion. */
export function* stringsIn(value: unknown): Generator<{ path: string; key: string; text: string }> {
  const pending: { value: unknown; path: string; key: string }[] = [{ value, path: '', key: '' }];
  for (let item = pending.pop(); item; item = pending.pop()) {
    if (typeof item.value === 'string') yield { path: item.path, key: item.key, text: item.value };
    if (typeof item.value !== 'object' || item.value === null) continue;
    const own = Object.entries(item.value);
    for (let index = own.length - 1; index >= 0; index--) {
      const entry = own[index];
      if (entry) pending.push({ value: entry[1], path: `${item.path}/${escapeKey(entry[0])}`, key: entry[0] });
    }
  }
}

/** A JSON pointer (RFC 6901) from keys and indices. */
export function toPointer(keys: readonly (string | number)[]): string {
  return keys.map((key) => `/${escapeKey(String(key))}`).join('');
}

/** Whether a value is an object with named fields (not null, not an array). */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function escapeKey(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

function keyOf(frame: Frame, index: number): string {
  return frame.keys ? (frame.keys[index] ?? '') : String(index);
}

function valueFault(value: unknown): Pick<JsonProblem, 'kind' | 'reason'> | null {
  if (typeof value === 'string') {
    return isUsableText(value) ? null : { kind: 'unusable_text', reason: 'text holds NUL or half a surrogate pair' };
  }
  if (typeof value === 'number') {
    return Number.isFinite(value) ? null : { kind: 'not_json', reason: 'a number is too large' };
  }
  if (typeof value === 'boolean' || (typeof value === 'object' && isPlain(value))) return null;
  return {
    kind: 'not_json',
    reason: 'it holds something other than objects, lists, texts, numbers, true, false and null',
  };
}

function isPlain(value: object | null): boolean {
  if (value === null || Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  // Objects of another realm (a test runner's sandbox) have another Object.prototype; theirs ends the chain as ours does.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function isUsableText(text: string): boolean {
  return !text.includes('\0') && !/\p{Surrogate}/u.test(text);
}

function forbiddenKey(key: string, parent: string): JsonProblem {
  return key === '__proto__'
    ? problem('forbidden_key', parent, 'a field is named __proto__')
    : problem('unusable_text', parent, 'the name of a field holds NUL or half a surrogate pair');
}

const tooLarge = (limits: JsonLimits): JsonProblem =>
  problem('too_large', '', `it is larger than ${limits.bytes} bytes`);
const tooDeep = (limits: JsonLimits, path: string): JsonProblem =>
  problem('too_deep', path, `it is nested deeper than ${limits.depth} levels`);
const tooMany = (limits: JsonLimits): JsonProblem =>
  problem('too_many_values', '', `it holds more than ${limits.values} values`);

function problem(kind: JsonProblem['kind'], path: string, reason: string): JsonProblem {
  return { kind, path, reason };
}
