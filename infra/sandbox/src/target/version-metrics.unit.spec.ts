import { MetricsBook } from './version-metrics.js';

test('counts by schema and version', () => {
  const book = new MetricsBook();
  book.record('a', 'v1', { failed: false, durationMs: 10 });
  book.record('a', 'v1', { failed: true, durationMs: 30 });
  book.record('b', 'v1', { failed: false, durationMs: 5 });

  expect(book.of('a')).toEqual([{ version: 'v1', executions: 2, failures: 1, p95_ms: 30 }]);
  expect(book.of('b')).toEqual([{ version: 'v1', executions: 1, failures: 0, p95_ms: 5 }]);
  expect(book.of('c')).toEqual([]);
});

test('the 95th percentile is that of the last 500 executions', () => {
  const book = new MetricsBook();
  for (let count = 0; count < 500; count += 1) book.record('a', 'v1', { failed: false, durationMs: 10_000 });
  for (let count = 1; count <= 500; count += 1) book.record('a', 'v1', { failed: false, durationMs: count });

  expect(book.of('a')).toEqual([{ version: 'v1', executions: 1_000, failures: 0, p95_ms: 475 }]);
});

test('remembers a hundred versions, those that ran last', () => {
  const book = new MetricsBook();
  for (let count = 0; count < 150; count += 1) book.record('a', `v${count}`, { failed: false, durationMs: 1 });

  expect(book.of('a')).toHaveLength(100);
  expect(book.of('a')[0]?.version).toBe('v50');
});
