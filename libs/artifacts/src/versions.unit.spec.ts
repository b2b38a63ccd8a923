import fc from 'fast-check';
import { matchesVersionPattern, versionPatternFault } from './version-pattern.js';
import { compareVersions, InvalidVersionError, parseVersion, versionSatisfies } from './versions.js';

describe('a version pattern', () => {
  test.each([
    ['v*.*.*', 'v1.2.3', true],
    ['v*.*.*', 'v10.20.30', true],
    ['v*.*.*', 'v1.2.3+build.7', true],
    ['v*.*.*', 'v1.2.3-rc.1', false],
    ['v*.*.*', '1.2.3', false],
    ['v*.*.*', 'va.b.c', false],
    ['v*.*.*', 'v1.2', false],
    ['v*.*.*', 'v1.2.3.4', false],
    ['v*.*.*', 'v01.2.3', false],
    ['v*.*.*', ' v1.2.3', false],
    ['*.*.*', '1.2.3', true],
    ['*.*.*', 'v1.2.3', false],
    ['v2.*.*', 'v2.9.0', true],
    ['v2.*.*', 'v20.9.0', false],
    ['v*.*.*-*', 'v1.2.3-rc.1', true],
    ['v*.*.*-*', 'v1.2.3', false],
    ['v*.*.*-rc.*', 'v1.2.3-rc.10', true],
    ['v*.*.*-rc.*', 'v1.2.3-beta.1', false],
    ['v*.*.*-*a*a*', 'v1.2.3-banana', true],
    ['v*.*.*-aa*aa', 'v1.2.3-aaa', false],
    ['v[0-9]+.*.*', 'v1.2.3', false],
    ['v*', 'v1.2.3', false],
    ['', 'v1.2.3', false],
  ])('%s and %s: %s', (pattern, version, matches) => {
    expect(matchesVersionPattern(pattern, version)).toBe(matches);
  });

  test('that cannot be used is told when it is saved', () => {
    expect(versionPatternFault('v*.*.*')).toBeNull();
    expect(versionPatternFault('v1.*')).toContain('three parts');
    expect(versionPatternFault(`v*.*.*-${'*a'.repeat(100)}`)).not.toBeNull();
  });

  test('made to be slow is not', () => {
    const pattern = `v*.*.*-${'*a'.repeat(58)}b`;
    const version = `v1.2.3-${'a'.repeat(120)}`;
    const start = process.cpuUsage();
    for (let run = 0; run < 1_000; run++) expect(matchesVersionPattern(pattern, version)).toBe(false);
    expect(process.cpuUsage(start).user).toBeLessThan(10e6);
  });

  test('of stars matches every release', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(), (a, b, c) => {
        expect(matchesVersionPattern('v*.*.*', `v${a}.${b}.${c}`)).toBe(true);
      }),
    );
  });
});

describe('versions', () => {
  test('are taken apart', () => {
    expect(parseVersion('v1.3.0-rc.2')).toEqual({
      text: 'v1.3.0-rc.2',
      major: 1,
      minor: 3,
      patch: 0,
      preRelease: 'rc.2',
    });
    expect(parseVersion('1.3.0')).toMatchObject({ major: 1, preRelease: null });
  });

  test.each(['', 'v', 'v1', 'v1.2', 'V1.2.3', '=1.2.3', 'v1.2.3\n', 'v1.2.3-', `v1.2.3-${'a'.repeat(200)}`, 'latest'])(
    '%j is none',
    (text) => expect(parseVersion(text)).toBeNull(),
  );

  test('are ordered as releases are', () => {
    const sorted = ['v2.0.0', 'v1.0.0', 'v1.0.0-rc.10', 'v1.10.0', 'v1.0.0-rc.2', 'v1.9.9'].sort(compareVersions);
    expect(sorted).toEqual(['v1.0.0-rc.2', 'v1.0.0-rc.10', 'v1.0.0', 'v1.9.9', 'v1.10.0', 'v2.0.0']);
    expect(() => compareVersions('v1.0.0', 'newest')).toThrow(InvalidVersionError);
  });

  test.each([
    ['3.0.28', '>=3.0.0 <5', true],
    ['v4.1.0', '^4', true],
    ['5.0.0', '>=3.0.0 <5', false],
    ['4.0.0-dev.1', '>=3.0.0', true],
    ['unknown', '>=3.0.0', false],
    ['4.0.0', 'newest', false],
  ])('%s in %s: %s', (version, range, inside) => {
    expect(versionSatisfies(version, range)).toBe(inside);
  });
});
