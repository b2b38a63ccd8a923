import type { BranchCondition, BranchConditionGroup } from '@m3/artifacts';
import { createRegexMatcher } from './bounded-regex.js';
import { conditionHolds } from './conditions.js';

const root = { kind: 'invoice', total: 12, text: '42', tags: ['a', 'b'], empty: [], nothing: null };
const holds = (condition: BranchCondition | BranchConditionGroup) =>
  conditionHolds(condition, root, createRegexMatcher());
const compare = (jsonpath: string, operator: BranchCondition['operator'], value?: unknown): BranchCondition => ({
  jsonpath,
  ...(operator === undefined ? {} : { operator }),
  value,
});

test.each([
  ['$.kind', undefined, 'invoice', true],
  ['$.kind', '==', 'letter', false],
  ['$.tags', '==', ['a', 'b'], true],
  ['$.kind', '!=', 'letter', true],
  ['$.total', '>', 11, true],
  ['$.total', '<', 11, false],
  ['$.total', '>=', 12, true],
  ['$.text', '<=', '42', true],
  ['$.kind', '>', 1, false],
  ['$.kind', 'in', ['invoice', 'letter'], true],
  ['$.kind', 'not_in', ['invoice'], false],
  ['$.tags', 'contains', 'b', true],
  ['$.kind', 'contains', 'voice', true],
  ['$.tags', 'not_contains', 'c', true],
  ['$.kind', 'matches', 'inv', true],
  ['$.kind', 'matches', 'voice', false],
  ['$.kind', 'exists', undefined, true],
  ['$.other', 'not_exists', undefined, true],
  ['$.nothing', 'exists', undefined, false],
  ['$.empty', 'is_empty', undefined, true],
  ['$.tags', 'is_not_empty', undefined, true],
] as const)('%s %s %j: %p', (path, operator, value, expected) => {
  expect(holds(compare(path, operator, value))).toBe(expected);
});

test.each(['==', '!=', '>', 'in', 'not_in', 'contains', 'not_contains', 'matches'] as const)(
  'nothing compares with what is absent: %s',
  (operator) => {
    expect(holds(compare('$.absent', operator, ['x']))).toBe(false);
  },
);

test('groups join by AND unless they say OR, and nest', () => {
  const yes = compare('$.total', '>', 1);
  const no = compare('$.total', '>', 100);

  expect(holds({ conditions: [yes, no] })).toBe(false);
  expect(holds({ conditions: [yes, no], combinator: 'OR' })).toBe(true);
  expect(holds({ conditions: [yes, { conditions: [no, yes], combinator: 'OR' }] })).toBe(true);
});
