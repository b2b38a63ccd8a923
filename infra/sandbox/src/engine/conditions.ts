import type { BranchCondition, BranchConditionGroup } from '@m3/artifacts';
import type { RegexMatcher } from './bounded-regex.js';
import { scalarText } from './json.js';
import { findByPath, parseJsonPath } from './json-path.js';

/**
 * Whether a condition of a plan holds over `root`, the input, metadata and outputs of a run. Nothing compares with a
 * value that is absent; an unknown operator never holds.
 */
export function conditionHolds(
  condition: BranchCondition | BranchConditionGroup,
  root: unknown,
  matches: RegexMatcher,
): boolean {
  if (!('conditions' in condition)) return comparisonHolds(condition, root, matches);
  const holds = (member: BranchCondition | BranchConditionGroup) => conditionHolds(member, root, matches);
  return condition.combinator === 'OR' ? condition.conditions.some(holds) : condition.conditions.every(holds);
}

type Comparison = (actual: unknown, expected: unknown) => boolean;

const overNothing = new Map<string, Comparison>([
  ['exists', (actual) => actual !== null],
  ['not_exists', (actual) => actual === null],
  ['is_empty', (actual) => isEmpty(actual)],
  ['is_not_empty', (actual) => !isEmpty(actual)],
]);

/** These hold only where there is a value: nothing compares with what is absent. */
const overValue = new Map<string, Comparison>([
  ['==', (actual, expected) => same(actual, expected)],
  ['!=', (actual, expected) => !same(actual, expected)],
  ['>', (actual, expected) => asNumber(actual) > asNumber(expected)],
  ['<', (actual, expected) => asNumber(actual) < asNumber(expected)],
  ['>=', (actual, expected) => asNumber(actual) >= asNumber(expected)],
  ['<=', (actual, expected) => asNumber(actual) <= asNumber(expected)],
  ['in', (actual, expected) => isCollection(expected) && holds(expected, actual)],
  ['not_in', (actual, expected) => isCollection(expected) && !holds(expected, actual)],
  ['contains', (actual, expected) => holds(actual, expected)],
  ['not_contains', (actual, expected) => !holds(actual, expected)],
]);

function comparisonHolds(condition: BranchCondition, root: unknown, matches: RegexMatcher): boolean {
  const actual = findByPath(parseJsonPath(condition.jsonpath), root) ?? null;
  const operator = condition.operator ?? '==';
  const general = overNothing.get(operator);
  if (general !== undefined) return general(actual, condition.value);
  if (actual === null) return false;
  if (operator === 'matches') return matches(scalarText(condition.value), 'y', scalarText(actual)).kind === 'matched';
  return overValue.get(operator)?.(actual, condition.value) ?? false;
}

function same(left: unknown, right: unknown): boolean {
  return left === right || (typeof left === 'object' && JSON.stringify(left) === JSON.stringify(right));
}

function asNumber(value: unknown): number {
  return typeof value === 'number' || (typeof value === 'string' && value.trim() !== '') ? Number(value) : Number.NaN;
}

function isCollection(value: unknown): boolean {
  return typeof value === 'string' || Array.isArray(value);
}

function holds(collection: unknown, item: unknown): boolean {
  if (typeof collection === 'string') return typeof item === 'string' && collection.includes(item);
  return Array.isArray(collection) && collection.some((member) => same(member, item));
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === '' || value === 0 || value === false) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}
