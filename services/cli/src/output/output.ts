import { styleText } from 'node:util';
import Table from 'cli-table3';
import { localTime, printable } from './text.js';

/** Where results (stdout) and remarks (stderr) go. */
export interface Sink {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

export type Tone = 'good' | 'bad' | 'warning' | 'faint' | 'strong' | 'plain';

export interface OutputOptions {
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly json: boolean;
  readonly color: boolean;
}

/** Prints for people on a terminal, for `cut` and `grep` elsewhere, and for programs with `--json`. */
export class Output {
  readonly json: boolean;
  /** Someone looks at stdout as it is written. */
  readonly isTerminal: boolean;

  constructor(private readonly options: OutputOptions) {
    this.json = options.json;
    this.isTerminal = options.stdout.isTTY === true && !options.json;
  }

  get columns(): number {
    return this.options.stdout.columns ?? 80;
  }

  get rows(): number {
    return this.options.stdout.rows ?? 24;
  }

  /** The one JSON document of a command, or else what `people` prints. */
  result(document: unknown, people: () => void): void {
    if (this.json) this.raw(`${JSON.stringify(document, null, 2)}\n`);
    else people();
  }

  /** One line of a JSON stream (NDJSON). */
  jsonLine(document: unknown): void {
    this.raw(`${JSON.stringify(document)}\n`);
  }

  line(text: string, tone: Tone = 'plain'): void {
    this.raw(`${this.toned(printable(text), tone)}\n`);
  }

  /** A remark that is not part of the result: on stderr, so that pipes stay clean. */
  note(text: string): void {
    this.options.stderr.write(`${printable(text)}\n`);
  }

  /** A table on a terminal, tab-separated lines without a heading elsewhere. `empty` is said on a terminal only. */
  table(headings: readonly string[], rows: readonly (readonly string[])[], empty: string): void {
    const cells = rows.map((row) => row.map(printable));
    if (!this.isTerminal) for (const row of cells) this.raw(`${row.join('\t')}\n`);
    else if (cells.length === 0) this.line(empty, 'faint');
    else this.raw(`${this.drawn(headings, cells)}\n`);
  }

  /** Names and values, one a line. */
  fields(pairs: readonly (readonly [string, string])[]): void {
    const width = this.isTerminal ? Math.max(...pairs.map(([name]) => name.length)) : 0;
    for (const [name, value] of pairs) {
      const label = this.isTerminal ? this.toned(name.padEnd(width + 2), 'faint') : `${name}\t`;
      this.raw(`${label}${printable(value)}\n`);
    }
  }

  /** A moment: in the zone of the machine on a terminal, as the API gave it (UTC) elsewhere. */
  time(iso: string | null): string {
    if (iso === null) return '';
    return this.isTerminal ? localTime(iso) : iso;
  }

  /** Text as it is, with its escape sequences. */
  raw(text: string): void {
    this.options.stdout.write(text);
  }

  toned(text: string, tone: Tone): string {
    if (!this.options.color || !this.isTerminal || tone === 'plain') return text;
    // styleText would look at the process' own stdout, which is not always the one written to.
    return styleText(styles[tone], text, { validateStream: false });
  }

  private drawn(headings: readonly string[], rows: readonly (readonly string[])[]): string {
    const bare = { top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '' };
    const ends = { 'bottom-left': '', 'bottom-right': '', left: '', 'left-mid': '', right: '', 'right-mid': '' };
    const chars = { ...bare, ...ends, mid: '', 'mid-mid': '', middle: '  ' };
    const style = { head: [], border: [], 'padding-left': 0, 'padding-right': 0 };
    const table = new Table({ head: headings.map((text) => this.toned(text, 'strong')), chars, style });
    table.push(...rows.map((row) => [...row]));
    return table.toString();
  }
}

const styles = { good: 'green', bad: 'red', warning: 'yellow', faint: 'gray', strong: 'bold' } as const;
