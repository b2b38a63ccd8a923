import { declared, eventCatalogue } from '@m3/contracts';
import fc from 'fast-check';
import { superfluousBackups } from './retention.js';
import { emptyShelf, evolveShelf, neededBackups, targetOf, type ShelfEvent, type TargetShelf } from './target-shelf.js';

type Told = ShelfEvent['type'];

/** The example of an event, with some of its fields changed. */
function told(type: Told, fields: object = {}, at = '2026-03-19T14:23:45.000Z'): ShelfEvent {
  const example = eventCatalogue.find((definition) => definition.type === type)?.example;
  return { type, data: { ...example, ...fields }, at } as ShelfEvent;
}

const subjectOf = (publish_id: string) => ({ subject: { ...declared('BackupRequested').example.subject, publish_id } });
const after = (...events: readonly ShelfEvent[]): TargetShelf => events.reduce(evolveShelf, emptyShelf);
const activated = (publish_id: string, version: string, previous_version: string | null) =>
  told('VersionActivated', { publish_id, version, previous_version });

describe('the shelf of a target', () => {
  it('takes its retention from the target, with defaults for what that leaves open', () => {
    const document = (backups?: object) => ({
      document: { ...declared('TargetCreated').example.document, ...(backups ? { backups } : {}) },
    });
    expect(after(told('TargetCreated', document())).retention).toEqual({ keep_last: 10, keep_days: 30 });
    const changed = after(told('TargetCreated', document()), told('TargetChanged', document({ keep_last: 3 })));
    expect(changed.retention).toEqual({ keep_last: 3, keep_days: 30 });
  });

  it('needs what the active and the previous version come from, and what they are undone with', () => {
    const shelf = after(activated('p1', 'v1', null), activated('p2', 'v2', 'v1'), activated('p3', 'v3', 'v2'));
    expect(neededBackups(shelf)).toEqual({ versions: ['v3', 'v2'], publishes: ['p3', 'p2'], backups: [] });
    expect(neededBackups(shelf, ['v1', null]).versions).toEqual(['v3', 'v2', 'v1']);
  });

  it('needs what a publish under way refers to, until it ends', () => {
    const running = after(
      told('BackupRequested', { ...subjectOf('p1'), backup_id: 'b1' }),
      told('RestoreRequested', { ...subjectOf('p1'), backup_id: 'b0' }),
    );
    expect(neededBackups(running).backups).toEqual(['b1', 'b0']);
    for (const type of ['PublishRolledBack', 'PublishSuperseded'] as const)
      expect(neededBackups(evolveShelf(running, told(type, { publish_id: 'p1' }))).backups).toEqual([]);
    const ended = evolveShelf(running, told('PublishRolledBack', { publish_id: 'p1' }));
    expect(neededBackups(ended).backups).toEqual([]);
  });

  it.each(['BackupRestored', 'TargetRestoredByHand'] as const)('goes back with %s to what served then', (type) => {
    const shelf = after(
      activated('p1', 'v1', null),
      activated('p2', 'v2', 'v1'),
      told('BackupTaken', { backup_id: 'b3', publish_id: 'p3', active_version: 'v2' }),
      activated('p3', 'v3', 'v2'),
      told(type, { backup_id: 'b3', publish_id: 'p3', active_version: 'v2' }),
    );
    expect(neededBackups(shelf)).toMatchObject({ versions: ['v2', 'v1'], publishes: ['p2', 'p1'] });
  });

  it('believes the target when it serves what the log knows nothing of', () => {
    const taken = { backup_id: 'b2', publish_id: 'p2', active_version: 'v9', previous_version: 'v8' };
    const shelf = after(activated('p1', 'v1', null), told('BackupTaken', taken));
    expect(neededBackups(shelf).versions).toEqual(['v9', 'v8']);
  });

  it('forgets deleted backups, and remembers broken ones', () => {
    const shelf = after(told('BackupTaken'), told('BackupVerified', { outcome: 'altered' }));
    expect([...shelf.backups.values()]).toMatchObject([{ broken: true }]);
    const unreadable = evolveShelf(shelf, told('BackupVerified', { outcome: 'unreadable' }));
    expect([...unreadable.backups.values()]).toMatchObject([{ broken: true }]);
    const found = evolveShelf(unreadable, told('BackupVerified', { outcome: 'ok' }));
    expect([...found.backups.values()]).toMatchObject([{ broken: false }]);
    expect(evolveShelf(found, told('BackupDeleted')).backups.size).toBe(0);
  });
});

/** One publish: does it get as far as activation, how does it end, and is anything deleted while it runs? */
const publishes = fc.record({
  ends: fc.constantFrom('succeeds', 'fails', 'is rolled back', 'is restored by hand'),
  pruned: fc.boolean(),
});

describe('retention over the life of a target', () => {
  it('never deletes the backup of the active or the previous version, nor one that a publish under way refers to', () => {
    fc.assert(
      fc.property(fc.array(publishes, { maxLength: 25 }), fc.integer({ min: 1, max: 3 }), (story, keep_last) => {
        const life = new Life(keep_last);
        for (const [index, publish] of story.entries()) life.publish(index + 1, publish.ends, publish.pruned);
      }),
      { numRuns: 300 },
    );
  });
});

/** Plays publishes on a shelf, with retention at the strictest, beside a model that knows what is needed. */
class Life {
  private shelf = emptyShelf;
  private time = Date.parse('2026-01-01T00:00:00.000Z');
  /** What serves, and what before it: the version, and the backup with which it is undone. */
  private active: { version: string | null; undo: string | null } = { version: null, undo: null };
  private previous = this.active;

  constructor(private readonly keepLast: number) {}

  publish(number: number, ends: string, pruned: boolean): void {
    const [publish_id, backup_id, version] = [`p${number}`, `b${number}`, `v${number}`];
    const before = [this.active, this.previous] as const;
    this.happens('BackupRequested', { ...subjectOf(publish_id), backup_id });
    this.happens('BackupTaken', {
      ...{ backup_id, publish_id, active_version: before[0].version, previous_version: before[1].version },
    });
    this.happens('VersionActivated', { publish_id, version, previous_version: before[0].version });
    [this.active, this.previous] = [{ version, undo: backup_id }, before[0]];
    if (pruned) this.prune([backup_id]);
    if (ends !== 'succeeds') this.undone(ends, { publish_id, backup_id, active_version: before[0].version }, before);
    this.happens(endings[ends] ?? 'PublishSucceeded', { publish_id });
    this.prune([]);
  }

  private undone(
    ends: string,
    restored: { publish_id: string; backup_id: string; active_version: string | null },
    before: readonly [typeof this.active, typeof this.active],
  ): void {
    if (ends !== 'is restored by hand') {
      this.happens('RestoreRequested', { ...subjectOf(restored.publish_id), backup_id: restored.backup_id });
      this.prune([restored.backup_id]);
    }
    this.happens(ends === 'is restored by hand' ? 'TargetRestoredByHand' : 'BackupRestored', restored);
    [this.active, this.previous] = before;
  }

  private happens(type: Told, fields: object): void {
    this.time += 3_600_000;
    this.shelf = evolveShelf(this.shelf, told(type, fields, new Date(this.time).toISOString()));
  }

  private prune(referred: readonly string[]): void {
    const held = [...this.shelf.backups.values()];
    const { target_id } = held[0] ?? { target_id: '' };
    const retention = { keep_last: this.keepLast, keep_days: 0 };
    const now = new Date(this.time + 1).toISOString();
    const gone = superfluousBackups(held, retention, neededBackups(this.shelf), now).map(({ backup }) => backup);
    const names = gone.map(({ backup_id }) => backup_id);
    const undo = [this.active.undo, this.previous.undo].filter((id) => id !== null);
    expect(names.filter((id) => [...undo, ...referred].includes(id))).toEqual([]);
    for (const { version } of [this.active, this.previous]) {
      const newest = held.filter(({ active_version }) => version !== null && active_version === version).at(-1);
      expect(names).not.toContain(newest?.backup_id);
    }
    for (const { backup_id, publish_id } of gone) this.happens('BackupDeleted', { backup_id, publish_id, target_id });
  }
}

const endings: Readonly<Record<string, Told>> = {
  fails: 'PublishFailed',
  'is rolled back': 'PublishRolledBack',
  'is restored by hand': 'PublishRollbackFailed',
};

it('every event that a shelf takes in names its target', () => {
  const { target_id } = declared('TargetCreated').example;
  expect([told('BackupRequested'), told('BackupTaken'), told('PublishFailed')].map(targetOf)).toEqual(
    Array.from({ length: 3 }, () => target_id),
  );
});
