import { OptionError, readOptions } from './options.js';

const anySeed = () => 5;

describe('options of npm run chaos', () => {
  it('are a full run with any seed by default', () => {
    expect(readOptions([], anySeed)).toEqual({ seed: 5, faults: 500, actions: 160, keep: false });
  });

  it('say which run it is', () => {
    const args = ['--seed', '42', '--faults', '20', '--actions=10', '--keep'];
    expect(readOptions(args, anySeed)).toEqual({ seed: 42, faults: 20, actions: 10, keep: true });
  });

  it.each([['--seed=x'], ['--faults=0'], ['--actions=1.5'], ['--unknown'], ['word']])(
    'that cannot be are refused: %s',
    (arg) => expect(() => readOptions([arg], anySeed)).toThrow(OptionError),
  );
});
