import type { JsonLimits, JsonProblem } from './json-document.js';

/** The value that JSON text holds, or why it holds none. The text is measured before anything is built from it. */
export function parseJson(text: string, limits: JsonLimits): { value: unknown } | { problem: JsonProblem } {
  const problem = measure(text, limits);
  if (problem) return { problem };
  try {
    // Some editors put a byte order mark in front.
    return { value: JSON.parse(text.replace(/^\uFEFF/, '')) };
  } catch (error) {
    // The parser quotes the text around the fault, and that may be a secret: only the place is passed on.
    const place = error instanceof Error ? /at position \d+/.exec(error.message)?.[0] : undefined;
    const reason = place ? `the JSON is malformed ${place}` : 'the JSON is malformed';
    return { problem: { kind: 'not_json', path: '', reason } };
  }
}

const quote = 34;
const backslash = 92;
/** What a character outside of texts does to the nesting: brackets and braces open (1) or close (-1). */
const nesting = new Map([
  [91, 1],
  [123, 1],
  [93, -1],
  [125, -1],
]);

/** Looks at JSON text before it is parsed: its size and its nesting. The number of values is bounded by the size. */
function measure(text: string, limits: JsonLimits): JsonProblem | null {
  if (Buffer.byteLength(text) > limits.bytes) {
    return { kind: 'too_large', path: '', reason: `it is larger than ${limits.bytes} bytes` };
  }
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) at = endOfText(text, at);
    else depth += nesting.get(code) ?? 0;
    if (depth > limits.depth)
      return { kind: 'too_deep', path: '', reason: `it is nested deeper than ${limits.depth} levels` };
  }
  return null;
}

function endOfText(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== quote) at += text.charCodeAt(at) === backslash ? 2 : 1;
  return at;
}
