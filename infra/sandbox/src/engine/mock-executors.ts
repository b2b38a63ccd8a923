import { setTimeout as pause } from 'node:timers/promises';
import { assertNever } from '@m3/decider';
import { fingerprint } from './fingerprint.js';
import { numberIn, objectIn, readableText, textIn, textsIn, type JsonObject } from './json.js';
import type { ExecutorCall, Executor } from './run-plan.js';

const LONGEST_LATENCY_MS = 60_000;
const LONGEST_EXCERPT = 200;

/** What an executor family makes of a call; the same call always gives the same answer. */
type Mock = (call: ExecutorCall, text: string) => JsonObject;

/** By the word that an endpoint's address or path starts with, e.g. `/extract` or `extract_executor://document`. */
const mocks: readonly (readonly [prefix: string, mock: Mock])[] = [
  ['extract', (call, text) => ({ fields: fieldsOf(call, text), confidence: confidence(call, text) })],
  ['classif', (call, text) => classify(call, text)],
  ['annotat', (_call, text) => ({ annotations: annotationsOf(text) })],
  ['segment', (_call, text) => ({ segments: linesOf(text) })],
  ['ocr', (_call, text) => ({ pages: [{ page: 1, lines: linesOf(text) }] })],
  [
    'embed',
    (_call, text) => ({
      embedding: fingerprint(text)
        .slice(0, 8)
        .map((byte) => byte / 255),
    }),
  ],
  ['validat', (call) => ({ valid: true, checked: Object.keys(call.upstream).length })],
];

/**
 * Executors built in for trying plans out: deterministic, from the node and its input alone. `params.mock_latency_ms`
 * makes one take time (60 s at most).
 */
export function createMockExecutor(signal: AbortSignal): Executor {
  return async (call) => {
    const latency = Math.min(numberIn(call.node.definition.params?.mock_latency_ms) ?? 0, LONGEST_LATENCY_MS);
    if (latency > 0) await pause(latency, undefined, { signal });
    return answer(call);
  };
}

function answer(call: ExecutorCall): JsonObject {
  const { definition } = call.node;
  const text = subjectOf(call);
  switch (definition.method) {
    case 'EXECUTOR_ENDPOINT':
      return { executor: definition.endpoint, text: report(call, text), ...mockFor(definition.endpoint)?.(call, text) };
    case 'PYTHON_FUNCTION':
      return { function: textIn(definition.params?.function) ?? definition.endpoint ?? null, text: report(call, text) };
    case 'LLM':
      return complete(call, definition.model_name, text);
    default:
      return assertNever(definition);
  }
}

function mockFor(endpoint: string): Mock | undefined {
  const words = endpoint
    .toLowerCase()
    .split('/')
    .filter((word) => word !== '');
  return mocks.find(([prefix]) => words.some((word) => word.startsWith(prefix)))?.[1];
}

/** The text that the call is about: what came in, else what the nodes before made of it. */
function subjectOf({ input, upstream }: ExecutorCall): string {
  return textIn(input.text) ?? textIn(upstream.text) ?? readableText(input);
}

function report(call: ExecutorCall, text: string): string {
  // By characters, not code units: half a surrogate pair could not be stored.
  const excerpt = [...text.slice(0, 2 * LONGEST_EXCERPT)].slice(0, LONGEST_EXCERPT).join('').replaceAll('\n', ' ');
  return `Summary of the step "${call.node.query_str}": it read ${text.length} characters, starting with "${excerpt}". The result is the same each time the same document comes in.`;
}

/** Fields that came in as such, and those written as `name: value` lines. */
function fieldsOf({ input }: ExecutorCall, text: string): JsonObject {
  const written = linesOf(text).flatMap((line) => {
    const colon = line.indexOf(':');
    return colon > 0 ? [[line.slice(0, colon).trim(), line.slice(colon + 1).trim()] as const] : [];
  });
  return { ...Object.fromEntries(written), ...objectIn(input.fields) };
}

function classify(call: ExecutorCall, text: string): JsonObject {
  const labels = textsIn(call.node.definition.params?.labels);
  const known = labels.length > 0 ? labels : ['invoice', 'contract', 'receipt'];
  const lower = text.toLowerCase();
  const document_type =
    textIn(call.input.document_type) ?? known.find((label) => lower.includes(label.toLowerCase())) ?? 'other';
  return { document_type, confidence: confidence(call, text), metadata: { document_type } };
}

function annotationsOf(text: string): readonly JsonObject[] {
  return linesOf(text).map((line, index) => ({ line: index + 1, length: line.length, label: line.split(':')[0] }));
}

function linesOf(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .slice(0, 1_000);
}

/** Between 0.80 and 0.99. */
function confidence(call: ExecutorCall, text: string): number {
  const [byte = 0] = fingerprint(`${call.node.query_str}\n${text}`);
  return (80 + (byte % 20)) / 100;
}

const openings = ['In short', 'Read closely', 'Taken together', 'At a glance'];

function complete(call: ExecutorCall, model: string, text: string): JsonObject {
  const { params } = call.node.definition;
  const prompt = textIn(params?.prompt) ?? call.node.query_str;
  const [choice = 0] = fingerprint(`${model}\n${prompt}\n${text}`);
  const opening = openings[choice % openings.length] ?? 'In short';
  return {
    model,
    prompt,
    text: `${opening}: ${report(call, text)}`,
    tokens: Math.ceil((prompt.length + text.length) / 4),
  };
}
