import { request } from './publish.fixtures.js';
import { manualSteps } from './manual-steps.js';

const named = (name: string) => ({ target: { ...request.target, name } });
const backup_id = 'bak_1';

describe('what is done by hand after a rollback that failed', () => {
  it('restores its backup, records that, and releases the target', () => {
    expect(manualSteps(named('Staging'), { backup_id, code: 'unreachable' })).toEqual([
      'm3-publish target show "Staging"',
      'm3-publish backup restore --target "Staging" --from bak_1 --yes',
      'm3-publish backup record-restore bak_1 --reason "put back by hand"',
      'm3-publish target release "Staging" --reason "put back by hand"',
    ]);
  });

  it('says that new executions may be stopped, and what lets them go on, in words that a shell passes over', () => {
    const steps = manualSteps(named('Staging'), { backup_id, code: 'unreachable' });
    const told = manualSteps(named('Staging'), { backup_id, code: 'unreachable', stopped: true });
    const hint = expect.stringMatching(/^# new executions may be stopped until .* restored/);
    expect(told).toEqual([...steps, hint]);
    const lost = manualSteps(named('Staging'), { backup_id, code: 'object_missing', stopped: true });
    expect(lost.at(-1)).toEqual(hint);
  });

  it.each([
    ...['digest_mismatch', 'invalid_snapshot', 'object_missing', 'object_too_large', 'bucket_missing'],
    ...['backup_not_found', 'backup_deleted', 'backup_altered', 'backup_missing'],
  ])('looks for something else to go back to where the backup is of no use: %s', (code) => {
    expect(manualSteps(named('Staging'), { backup_id, code })).toEqual([
      'm3-publish target show "Staging"',
      'm3-publish backup list --target "Staging"',
      'm3-publish history --target "Staging"',
      'm3-publish target release "Staging" --reason "put back by hand"',
    ]);
  });

  it('looks at what was published where there is no backup', () => {
    const steps = manualSteps(named('Staging'), { backup_id: null, code: 'no_backup' });
    expect(steps.some((step) => step.includes(' backup '))).toBe(false);
    expect(steps[1]).toBe('m3-publish history --target "Staging"');
  });

  it('can be pasted into a shell whatever the target is called', () => {
    const [look] = manualSteps(named(`It's "$HOME"`), { backup_id, code: 'unreachable' });
    expect(look).toBe(`m3-publish target show 'It'\\''s "$HOME"'`);
  });
});
