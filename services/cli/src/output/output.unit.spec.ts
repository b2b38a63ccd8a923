import { Output } from './output.js';

describe('output', () => {
  const made = (options: { terminal?: boolean; json?: boolean; color?: boolean }) => {
    let printed = '';
    const stdout = { write: (text: string) => (printed += text), isTTY: options.terminal === true, columns: 80 };
    const stderr = { write: (text: string) => text };
    const output = new Output({ stdout, stderr, json: options.json === true, color: options.color === true });
    return { output, printed: () => printed };
  };
  const rows = [
    ['staging', 'v1.3.0'],
    ['EU West', ''],
  ];

  it('is tab-separated lines without a heading where nobody looks', () => {
    const { output, printed } = made({});
    output.table(['Name', 'Active'], rows, 'none');
    expect(printed()).toBe('staging\tv1.3.0\nEU West\t\n');
  });

  it('is an aligned table with a heading on a terminal', () => {
    const { output, printed } = made({ terminal: true });
    output.table(['Name', 'Active'], rows, 'none');
    expect(
      printed()
        .split('\n')
        .map((line) => line.trimEnd()),
    ).toEqual(['Name     Active', 'staging  v1.3.0', 'EU West', '']);
  });

  it('says on a terminal that a list is empty, and nothing elsewhere', () => {
    const terminal = made({ terminal: true });
    terminal.output.table(['Name'], [], 'no targets');
    expect(terminal.printed()).toBe('no targets\n');
    const pipe = made({});
    pipe.output.table(['Name'], [], 'no targets');
    expect(pipe.printed()).toBe('');
  });

  it('is one JSON document with --json, also on a terminal', () => {
    const { output, printed } = made({ terminal: true, json: true });
    output.result({ items: [1] }, () => output.line('for people'));
    expect(JSON.parse(printed())).toEqual({ items: [1] });
  });

  it('passes no escape sequences on', () => {
    const { output, printed } = made({ terminal: true });
    output.line('evil \x1b[2J\x1b]0;title\x07 name\nnext');
    output.table(['Name'], [['\x1b[31mred\u202e']], 'none');
    expect(printed().replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
  });

  it('is coloured on a terminal only, and only when wanted', () => {
    const texts = [made({ terminal: true, color: true }), made({ terminal: true }), made({ color: true })].map(
      ({ output, printed }) => {
        output.line('done', 'good');
        return printed();
      },
    );
    expect(texts).toEqual(['\x1b[32mdone\x1b[39m\n', 'done\n', 'done\n']);
  });
});
