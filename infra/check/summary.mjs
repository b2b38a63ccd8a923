export function seconds(value) {
  return `${value.toFixed(1)} s`;
}

/** Failed tests, and one for each stage that failed without naming a failed test. */
export function failures(results) {
  return results.reduce((sum, { ok, tests }) => sum + (ok ? 0 : Math.max(1, tests?.failed ?? 0)), 0);
}

/** A table with one line a stage. */
export function summary(results) {
  const rows = results.map(({ name, ok, seconds: took, tests }) => [
    name,
    ok ? 'passed' : 'FAILED',
    seconds(took),
    of(tests),
  ]);
  const all = [['stage', 'result', 'time', 'tests'], ...rows];
  const widths = all[0].map((_, column) => Math.max(...all.map((row) => row[column].length)));
  const lines = all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]))
      .join('  ')
      .trimEnd(),
  );
  return [lines[0], widths.map((width) => '-'.repeat(width)).join('  '), ...lines.slice(1)].join('\n');
}

function of(tests) {
  if (tests === undefined) return '';
  const { passed, failed, skipped } = tests;
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
