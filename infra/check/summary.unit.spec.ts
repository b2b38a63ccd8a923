interface Result {
  readonly name: string;
  readonly ok: boolean;
  readonly seconds: number;
  readonly tests?: { readonly passed: number; readonly failed: number; readonly skipped: number };
}

interface Summary {
  failures(results: readonly Result[]): number;
  summary(results: readonly Result[]): string;
}

/** Plain JavaScript, because it runs before any package is installed. */
const file: string = new URL('./summary.mjs', import.meta.url).href;
const { failures, summary } = (await import(file)) as Summary;

const unit = { name: 'unit', ok: true, seconds: 3.21, tests: { passed: 228, failed: 0, skipped: 0 } };

describe('the summary of a run', () => {
  it('counts failed tests', () => {
    const integration = { name: 'integration', ok: false, seconds: 9, tests: { passed: 5, failed: 2, skipped: 0 } };

    expect(failures([unit, integration])).toBe(2);
  });

  it('counts a stage that failed without naming a failed test as one', () => {
    const crashed = { name: 'e2e', ok: false, seconds: 1, tests: { passed: 0, failed: 0, skipped: 0 } };

    expect(failures([unit, { name: 'lint', ok: false, seconds: 1 }, crashed])).toBe(2);
  });

  it('counts nothing when all is well', () => {
    expect(failures([unit])).toBe(0);
  });

  it('shows stage, result, seconds and tests, skipped ones too', () => {
    const integration = { name: 'integration', ok: false, seconds: 12, tests: { passed: 5, failed: 2, skipped: 1 } };

    expect(summary([unit, integration]).split('\n')).toEqual([
      'stage        result  time    tests',
      '-----------  ------  ------  -----------------------------',
      'unit         passed  3.2 s   228 passed, 0 failed',
      'integration  FAILED  12.0 s  5 passed, 2 failed, 1 skipped',
    ]);
  });
});
