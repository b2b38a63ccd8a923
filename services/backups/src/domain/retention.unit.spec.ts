import fc from 'fast-check';
import { superfluousBackups, type Needed, type StoredBackup } from './retention.js';

const now = '2026-03-31T12:00:00.000Z';
const daysAgo = (days: number) => new Date(Date.parse(now) - days * 86_400_000).toISOString();
const nobody: Needed = { versions: [], publishes: [], backups: [] };

function backup(id: string, days: number, more: Partial<StoredBackup> = {}): StoredBackup {
  return {
    backup_id: `bkp_${id}`,
    target_id: 'tgt',
    publish_id: `pub_${id}`,
    location: { bucket: 'b', key: id },
    taken_at: daysAgo(days),
    active_version: null,
    broken: false,
    ...more,
  };
}

const deleted = (backups: readonly StoredBackup[], policy: [last: number, days: number], needed: Needed = nobody) =>
  superfluousBackups(backups, { keep_last: policy[0], keep_days: policy[1] }, needed, now).map(
    ({ backup: { backup_id } }) => backup_id,
  );

describe('retention', () => {
  const four = [backup('d', 1), backup('c', 10), backup('b', 20), backup('a', 40)];

  it('keeps the newest, whatever their age, and the young ones, however many they are', () => {
    expect(deleted(four, [1, 15])).toEqual(['bkp_a', 'bkp_b']);
    expect(deleted(four, [3, 0])).toEqual(['bkp_a']);
    expect(deleted(four, [1, 365])).toEqual([]);
    expect(deleted(four, [10, 0])).toEqual([]);
  });

  it('says why', () => {
    expect(superfluousBackups(four, { keep_last: 3, keep_days: 30 }, nobody, now)).toMatchObject([
      { backup: { backup_id: 'bkp_a' }, reason: 'older than 30 days, and not among the newest 3' },
    ]);
  });

  it('keeps of a version that is needed the newest backup, and the newest that can be restored', () => {
    const of = (id: string, days: number, broken = false) => backup(id, days, { active_version: 'v1.0.0', broken });
    const backups = [backup('e', 1), of('d', 10, true), of('c', 20), of('b', 30), backup('a', 40)];
    expect(deleted(backups, [1, 0], { ...nobody, versions: ['v1.0.0'] })).toEqual(['bkp_a', 'bkp_b']);
  });

  it('keeps what publishes refer to, and what the active version is undone with', () => {
    expect(deleted(four, [1, 0], { ...nobody, backups: ['bkp_a'], publishes: ['pub_b'] })).toEqual(['bkp_c']);
  });

  it('never deletes what is needed, young, or among the newest, and never changes its mind', () => {
    const versions = fc.constantFrom(null, 'v1', 'v2', 'v3');
    const backups = fc
      .array(fc.record({ days: fc.nat(100), active_version: versions, broken: fc.boolean() }), { maxLength: 30 })
      .map((all) => all.map(({ days, ...more }, index) => backup(String(index), days, more)));
    const policies = fc.tuple(fc.integer({ min: 1, max: 10 }), fc.nat(60));
    const ids = fc.array(fc.nat(30).map(String), { maxLength: 5 });
    fc.assert(
      fc.property(backups, policies, ids, ids, fc.array(fc.constantFrom('v1', 'v2', 'v3')), (all, policy, ...needs) => {
        const [publishes, referred, wanted] = needs;
        const needed: Needed = {
          publishes: publishes.map((id) => `pub_${id}`),
          backups: referred.map((id) => `bkp_${id}`),
          versions: wanted,
        };
        const gone = new Set(deleted(all, policy, needed));
        const left = all.filter(({ backup_id }) => !gone.has(backup_id));
        for (const { backup_id, publish_id, taken_at } of all.filter((each) => gone.has(each.backup_id))) {
          expect(needed.backups).not.toContain(backup_id);
          expect(needed.publishes).not.toContain(publish_id);
          expect(Date.parse(taken_at)).toBeLessThan(Date.parse(daysAgo(policy[1])));
        }
        const newest = (among: readonly StoredBackup[]) =>
          among
            .map(({ taken_at }) => taken_at)
            .sort()
            .at(-1);
        for (const version of wanted) {
          const of = (each: readonly StoredBackup[]) => each.filter(({ active_version }) => active_version === version);
          const whole = (each: readonly StoredBackup[]) => of(each).filter(({ broken }) => !broken);
          expect(newest(of(left))).toBe(newest(of(all)));
          expect(newest(whole(left))).toBe(newest(whole(all)));
        }
        expect(left.length).toBeGreaterThanOrEqual(Math.min(all.length, policy[0]));
        expect(deleted(left, policy, needed)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});
