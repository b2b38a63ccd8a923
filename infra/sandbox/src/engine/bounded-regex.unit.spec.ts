import { createRegexMatcher } from './bounded-regex.js';

const HOSTILE = '^(a+)+$';
const victim = `${'a'.repeat(60)}!`;

test('matches as JavaScript does, with flags', () => {
  const matches = createRegexMatcher();
  expect(matches('^b', 'm', 'a\nb')).toEqual({ kind: 'matched' });
  expect(matches('^b', '', 'a\nb')).toEqual({ kind: 'not_matched' });
  expect(matches('^(?!.*secret).*$', 's', 'no such word')).toEqual({ kind: 'matched' });
});

test('a pattern that would run for years is interrupted', () => {
  const started = performance.now();
  expect(createRegexMatcher()(HOSTILE, '', victim)).toMatchObject({ kind: 'refused' });
  expect(performance.now() - started).toBeLessThan(20_000);
});

test('one run of a plan has a budget for all its patterns', () => {
  const matches = createRegexMatcher(40);
  const started = performance.now();
  for (let count = 0; count < 1_000; count += 1) matches(`${HOSTILE}${'b'.repeat(count % 100)}`, '', victim);

  expect(performance.now() - started).toBeLessThan(20_000);
  expect(matches('a', '', 'a')).toMatchObject({ kind: 'refused' });
});

test.each([
  ['a pattern too long', 'a'.repeat(501), 'a'],
  ['a text too long', 'a', 'a'.repeat(20_001)],
  ['no regular expression', '(', 'a'],
])('%s is refused', (_what, pattern, text) => {
  expect(createRegexMatcher()(pattern, '', text)).toMatchObject({ kind: 'refused' });
});
