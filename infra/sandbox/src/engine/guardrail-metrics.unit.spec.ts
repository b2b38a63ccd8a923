import type { GuardrailMetric } from '@m3/artifacts';
import { createRegexMatcher } from './bounded-regex.js';
import { measure } from './guardrail-metrics.js';

function score(type: GuardrailMetric['type'], params: Record<string, unknown>, subject: object = {}): number {
  const looked = { input: 'Total 12', context: undefined, query: undefined, ...subject };
  return measure({ type, name: type, params }, looked, createRegexMatcher()).score;
}

test.each([
  ['length_check', { min: 4, max: 20 }, 1],
  ['length_check', { min: 16 }, 0.5],
  ['length_check', { max: 4 }, 0.5],
  ['regex_match', { pattern: '^Total' }, 1],
  ['regex_match', { pattern: '^total' }, 0],
  ['regex_match', { pattern: '\\d{3}', must_not_match: true }, 1],
  ['regex_match', { pattern: '\\d{2}', must_not_match: true }, 0],
  ['regex_match', { pattern: '(' }, 0],
  ['regex_match', { pattern: '(', must_not_match: true }, 0],
  ['regex_match', {}, 0],
  ['contains_keywords', { keywords: ['total', 'sum'] }, 0.5],
  ['contains_keywords', { keywords: ['total'], case_sensitive: true }, 0],
  ['contains_keywords', {}, 1],
] as const)('%s with %j scores %p', (type, params, expected) => {
  expect(score(type, { ...params })).toBe(expected);
});

test('an output object is read by its text, else as JSON', () => {
  expect(score('length_check', { min: 3, max: 3 }, { input: { text: 'abc', more: 1 } })).toBe(1);
  expect(score('regex_match', { pattern: '"more":1' }, { input: { more: 1 } })).toBe(1);
});

test('json_schema reads types, required names, properties, items and enumerations', () => {
  const schema = {
    type: 'object',
    required: ['total'],
    properties: { total: { type: 'number' }, tags: { type: 'array', items: { enum: ['a', 'b'] } } },
  };
  const fits = (input: unknown) => score('json_schema', { schema }, { input });

  expect(fits({ total: 1, tags: ['a'] })).toBe(1);
  expect(fits({ tags: [] })).toBe(0);
  expect(fits({ total: '1' })).toBe(0);
  expect(fits({ total: 1, tags: ['c'] })).toBe(0);
  expect(fits('text')).toBe(0);
  expect(score('json_schema', {}, { input: {} })).toBe(0);
});

test('faithfulness and relevance measure the words in common', () => {
  expect(score('faithfulness', {}, { input: 'the total is twelve', context: 'the total' })).toBe(0.5);
  expect(score('relevance', {}, { query: 'total twelve', input: 'the total' })).toBe(0.5);
});
