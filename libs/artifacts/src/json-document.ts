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

const codes = {
  quote: 34,
  backslash: 92,
  comma: 44,
  openBracket: 91,
  closeBracket: 93,
  openBrace: 123,
  closeBrace: 125,
};

/** The value that JSON text holds, or why it holds none. The text is measured before anything is built from it. */
export function parseJson(text: string, limits: JsonLimits): { value: unknown } | { problem: JsonProblem } {
  const tooMuch = checkJsonText(text, limits);
  if (tooMuch) return { problem: tooMuch };
  try {
    // Some editors put a byte order mark in front.
    return { value: JSON.parse(text.replace(/^\uFEFF/, '')) };
  } catch (error) {
    // The parser quotes the text around the fault, and that may be a secret: only the place is passed on.
    const place = error instanceof Error ? /at position \d+/.exec(error.message)?.[0] : undefined;
    return { problem: problem('not_json', '', place ? `the JSON is malformed ${place}` : 'the JSON is malformed') };
  }
}

/** Looks at JSON text before it is parsed: size, nesting and number of values, without building anything. */
function checkJsonText(text: string, limits: JsonLimits): JsonProblem | null {
  if (Buffer.byteLength(text) > limits.bytes)
    return problem('too_large', '', `it is larger than ${limits.bytes} bytes`);
  let depth = 0;
  let values = 1;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === codes.quote) at = endOfString(text, at);
    else if (code === codes.comma) values++;
    else if (code === codes.closeBracket || code === codes.closeBrace) depth--;
    else if (code === codes.openBracket || code === codes.openBrace) {
      depth++;
      values++;
      if (depth > limits.depth) return tooDeep(limits, '');
    }
  }
  return values > 2 * limits.values ? tooMany(limits, '') : null;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== codes.quote) at += text.charCodeAt(at) === codes.backslash ? 2 : 1;
  return at;
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
  const stack: Frame[] = [];
  const pointer = (): string => toPointer(stack.map((frame) => keyOf(frame, frame.next - 1)));
  let values = 0;
  let bytes = 0;
  let current: unknown = value;
  for (;;) {
    if (++values > limits.values) return tooMany(limits, '');
    const fault = scalarFault(current);
    if (fault) return problem(fault.kind, pointer(), fault.reason);
    if (typeof current === 'string') bytes += Buffer.byteLength(current);
    if (bytes > limits.bytes) return problem('too_large', '', `it is larger than ${limits.bytes} bytes`);
    if (typeof current === 'object' && current !== null) {
      if (stack.length >= limits.depth) return tooDeep(limits, pointer());
      const frame = open(current);
      const bad = frame.keys?.find((key) => key === '__proto__' || !isUsableText(key));
      if (bad !== undefined) return forbiddenKey(bad, pointer());
      stack.push(frame);
    }
    while (stack.length > 0 && isDone(stack[stack.length - 1])) stack.pop();
    const top = stack[stack.length - 1];
    if (!top) return null;
    current = Reflect.get(top.container, keyOf(top, top.next++));
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

function open(container: object): Frame {
  if (Array.isArray(container)) return { container, keys: null, next: 0, length: container.length };
  const keys = Object.keys(container);
  return { container, keys, next: 0, length: keys.length };
}

function isDone(frame: Frame | undefined): boolean {
  return frame !== undefined && frame.next >= frame.length;
}

function keyOf(frame: Frame, index: number): string {
  return frame.keys ? (frame.keys[index] ?? '') : String(index);
}

function scalarFault(value: unknown): Pick<JsonProblem, 'kind' | 'reason'> | null {
  switch (typeof value) {
    case 'string':
      return isUsableText(value) ? null : { kind: 'unusable_text', reason: 'text holds NUL or half a surrogate pair' };
    case 'number':
      return Number.isFinite(value) ? null : { kind: 'not_json', reason: 'the number is too large' };
    case 'boolean':
      return null;
    case 'object':
      return isPlain(value) ? null : { kind: 'not_json', reason: 'only objects, arrays and plain values are JSON' };
    default:
      return { kind: 'not_json', reason: `a value of type ${typeof value} is not JSON` };
  }
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

const tooDeep = (limits: JsonLimits, path: string) =>
  problem('too_deep', path, `it is nested deeper than ${limits.depth} levels`);
const tooMany = (limits: JsonLimits, path: string) =>
  problem('too_many_values', path, `it holds more than ${limits.values} values`);

function problem(kind: JsonProblem['kind'], path: string, reason: string): JsonProblem {
  return { kind, path, reason };
}
