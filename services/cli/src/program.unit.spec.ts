import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { createProgram } from './program.js';
import { m3Publish, worldOf } from './terminal.spec.js';

describe('the command line', () => {
  it.each([
    [['--help'], 0],
    [['target', 'apply', '--help'], 0],
    [['--version'], 0],
    [['publsh'], 2],
    [['watch'], 2],
    [['watch', 'pub_1', '--timeout', 'soon'], 2],
    [['history', '--limit', '0'], 2],
    [['target'], 2],
    [['cancel', 'pub_1'], 2],
    [['validate', '/there/is/none'], 2],
  ])('%j ends with %i', async (args, code) => {
    expect((await m3Publish(args)).exitCode).toBe(code);
  });

  it('suggests what was meant', async () => {
    expect((await m3Publish(['publsh'])).stderr).toContain('Did you mean publish?');
  });

  it('says what the exit codes mean', async () => {
    expect((await m3Publish(['--help'])).stdout).toContain('5  still going on when --timeout ran out');
  });

  const leaves = (command: CommandUnknownOpts, path: readonly string[]): (readonly string[])[] =>
    command.commands.length === 0
      ? [path]
      : command.commands.flatMap((child) => leaves(child, [...path, child.name()]));
  const { program } = createProgram(worldOf().surroundings);

  it.each(leaves(program, []).map((path) => path.join(' ')))('%s --help has examples', async (path) => {
    expect((await m3Publish([...path.split(' '), '--help'])).stdout).toContain(`\nExamples:\n  $ m3-publish ${path}`);
  });

  it('takes global options before and after the command', async () => {
    const url = 'http://127.0.0.1:9';
    const before = await m3Publish(['--json', '--url', url, 'status']);
    const after = await m3Publish(['status', '--url', url, '--json']);
    expect(before).toEqual(after);
    expect(JSON.parse(before.stderr)).toMatchObject({ error: { code: 'gateway_unreachable' } });
  });
});
