import { affects } from './affects.js';
import type { OsvEvent } from './osv-record.js';

const range = (type: string, ...events: OsvEvent[]) => ({ ranges: [{ type, events }] });
const fixedIn = (type: string) => range(type, { introduced: '0' }, { fixed: '6.0.0' });

type Case = [string, Parameters<typeof affects>[0], string, string, ReturnType<typeof affects>];

describe('a version is affected', () => {
  it.each<Case>([
    ['inside a range', fixedIn('ECOSYSTEM'), 'PyPI', '5.9.0', 'affected'],
    ['from the fix on no longer', fixedIn('ECOSYSTEM'), 'PyPI', '6.0.0', 'not_affected'],
    ['before the fix, as a pre-release of it', fixedIn('ECOSYSTEM'), 'PyPI', '6.0.0rc1', 'affected'],
    ['as a post-release of the fix no longer', fixedIn('ECOSYSTEM'), 'PyPI', '6.0.0.post1', 'not_affected'],
    ['by semantic versions', fixedIn('SEMVER'), 'npm', '5.99.1', 'affected'],
    ['by semantic versions with a v', fixedIn('SEMVER'), 'Go', 'v5.0.0', 'affected'],
    [
      'before it was introduced not',
      range('SEMVER', { introduced: '2.0.0' }, { fixed: '3.0.0' }),
      'npm',
      '1.9.9',
      'not_affected',
    ],
    [
      'in the second of two stretches',
      range('SEMVER', { introduced: '0' }, { fixed: '1.2.0' }, { introduced: '2.0.0' }, { fixed: '2.1.0' }),
      'npm',
      '2.0.5',
      'affected',
    ],
    [
      'between two stretches not',
      range('SEMVER', { introduced: '0' }, { fixed: '1.2.0' }, { introduced: '2.0.0' }, { fixed: '2.1.0' }),
      'npm',
      '1.3.0',
      'not_affected',
    ],
    [
      'with the events in any order',
      range('SEMVER', { fixed: '2.1.0' }, { introduced: '2.0.0' }, { introduced: '0' }, { fixed: '1.2.0' }),
      'npm',
      '2.0.5',
      'affected',
    ],
    [
      'at the last affected one',
      range('ECOSYSTEM', { introduced: '0' }, { last_affected: '1.4.2' }),
      'PyPI',
      '1.4.2',
      'affected',
    ],
    [
      'behind the last affected one not',
      range('ECOSYSTEM', { introduced: '0' }, { last_affected: '1.4.2' }),
      'PyPI',
      '1.4.3',
      'not_affected',
    ],
    ['for ever where nothing fixed it', range('ECOSYSTEM', { introduced: '0' }), 'PyPI', '99', 'affected'],
    ['beyond a limit not', range('SEMVER', { introduced: '0' }, { limit: '2.0.0' }), 'npm', '2.0.0', 'not_affected'],
    ['when it is listed', { versions: ['1.0', '1.1'] }, 'Maven', '1.1', 'affected'],
    ['when it is listed in another spelling', { versions: ['1.0'] }, 'PyPI', '1.0.0', 'affected'],
    ['by commits never', range('GIT', { introduced: '0' }), 'PyPI', '1.0', 'not_affected'],
    ['when nothing is said not', {}, 'PyPI', '1.0', 'not_affected'],
  ])('%s', (...[, affected, ecosystem, version, expected]) => {
    expect(affects(affected, ecosystem, version)).toBe(expected);
  });
});

describe('whether a version is affected is not guessed', () => {
  it('where versions of the ecosystem have no order here', () => {
    expect(affects(fixedIn('ECOSYSTEM'), 'Maven', '5.9.0')).toBe('undecided');
  });

  it('where it is no version', () => {
    expect(affects(fixedIn('ECOSYSTEM'), 'PyPI', 'latest')).toBe('undecided');
    expect(affects(fixedIn('SEMVER'), 'npm', '^5.0.0 || 6')).toBe('undecided');
  });

  it('unless all versions are affected, whatever it is', () => {
    expect(affects(range('ECOSYSTEM', { introduced: '0' }), 'Maven', 'any')).toBe('affected');
  });
});
