/** What a promise is judged by. */
export interface Goal {
  readonly kind: 'at_least' | 'at_most';
  readonly value: number;
}

/** One promise, measured. */
export interface Measurement {
  readonly what: string;
  /** Ours, as text with its unit. */
  readonly ours: string;
  /** What it is compared with, as text; absent for promises in absolute numbers. */
  readonly against?: string;
  /** The number that the goal is about. */
  readonly value: number;
  readonly unit: '×' | 'ms' | 'MB';
  readonly goal: Goal;
}

/** Whether the number is within the goal. */
export function isMet({ value, goal }: Pick<Measurement, 'value' | 'goal'>): boolean {
  return goal.kind === 'at_least' ? value >= goal.value : value <= goal.value;
}

/** The table of all promises of a run. */
export function promisesTable(measurements: readonly Measurement[]): string {
  const rows = measurements.map((measurement) => [
    measurement.what,
    measurement.ours,
    measurement.against ?? '',
    withUnit(measurement.value, measurement.unit),
    `${measurement.goal.kind === 'at_least' ? '≥' : '≤'} ${withUnit(measurement.goal.value, measurement.unit)}`,
    isMet(measurement) ? 'met' : 'missed',
  ]);
  return table(['promise', 'ours', 'against', 'measured', 'goal', ''], rows);
}

/** Columns as wide as they must be; all but the first are aligned to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    widths
      .map((width, column) =>
        column === 0 ? (cells[column] ?? '').padEnd(width) : (cells[column] ?? '').padStart(width),
      )
      .join('  ')
      .trimEnd();
  return [line(head), widths.map((width) => '─'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}

function withUnit(value: number, unit: Measurement['unit']): string {
  return unit === '×' ? `${value.toFixed(2)} ×` : `${Math.round(value)} ${unit}`;
}

/** A number for people: `12,345`. */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
