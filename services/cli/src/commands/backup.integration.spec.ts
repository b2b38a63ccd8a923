import { BackupList, newId, RestoredByHandAccepted, VerificationAccepted, VerificationView } from '@m3/contracts';
import type { BackupView } from '@m3/contracts';
import { at, FakeGateway, ok, problem } from '../fake-gateway.spec.js';
import { m3Publish } from '../terminal.spec.js';

const gateway = new FakeGateway();
beforeAll(() => gateway.start());
afterAll(() => gateway.stop());
beforeEach(() => void gateway.requests.splice(0));

const cli = (...args: readonly string[]) => m3Publish(['backup', ...args], { url: gateway.url });
const digest = `sha256:${'a'.repeat(64)}`;

function backup(changes: Partial<BackupView> = {}): BackupView {
  return {
    ...{ backup_id: newId('backup'), publish_id: newId('publish'), target_id: newId('target'), target_name: 'staging' },
    ...{ status: 'taken', name: 'backup-staging-20260319-142345', digest, bytes: 20_311, counts: { workflows: 3 } },
    location: { bucket: 'm3-backups', key: 'tgt/backup-staging.json' },
    ...{ active_version: 'v1.2.0', previous_version: 'v1.1.0', requested_at: at, taken_at: at, restored_at: null },
    ...{ deleted_at: null, deleted_reason: null, verification: null, failure: null },
    ...changes,
  };
}

function verification(changes: Partial<VerificationView>): VerificationView {
  const outcomes = { ok: 0, altered: 0, missing: 0, unreadable: 0 };
  const about = { verification_id, requested_by: 'ann', requested_at: at, last_at: at };
  return { ...about, total: 2, done: 2, outcomes, faults: [], ...changes };
}
const verification_id = newId('verification');

describe('m3-publish backup', () => {
  it('lists backups, filtered by target, status and version', async () => {
    gateway.on('GET', 'backups', () => ok(BackupList, { items: [backup()], next_cursor: null }));
    const listed = await cli('list', '--target', 'staging', '--status', 'taken', '--of-version', 'v1.2.0');
    expect(listed.stdout).toContain('backup-staging-20260319-142345\tstaging\tv1.2.0\ttaken');
    expect(gateway.received('GET', 'backups')).toMatchObject([
      { query: { target: 'staging', status: 'taken', version: 'v1.2.0' } },
    ]);
  });

  it('shows one, and what became of it', async () => {
    const reason = 'what is stored has another digest';
    gateway.on('GET', 'backups/backup-a', () => ({
      status: 200,
      body: backup({ verification: { outcome: 'altered', reason, at }, deleted_at: at, deleted_reason: 'old' }),
    }));
    const { stdout } = await cli('show', 'backup-a');
    expect(stdout).toContain('Lies at\ts3://m3-backups/tgt/backup-staging.json');
    expect(stdout).toContain(`Verified\taltered at ${at}: ${reason}`);
    expect(stdout).toContain(`Deleted\t${at}: old`);
  });

  it('verifies all, says how far it is, and ends with 1 when one is not sound', async () => {
    const fault = { backup_id: newId('backup'), outcome: 'missing' as const, reason: 'there is no such object' };
    const views = [
      verification({ done: 1, outcomes: { ok: 1, altered: 0, missing: 0, unreadable: 0 } }),
      verification({ outcomes: { ok: 1, altered: 0, missing: 1, unreadable: 0 }, faults: [fault] }),
    ];
    gateway.on('POST', 'backups/verify', () => ok(VerificationAccepted, { verification_id, total: 2 }, 202));
    gateway.on('GET', `backups/verifications/${verification_id}`, () =>
      ok(VerificationView, views.length > 1 ? views.shift() : views[0]),
    );
    const { exitCode, stdout, stderr } = await cli('verify', '--all');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('1 of 2 looked at');
    expect(stdout).toContain(`${fault.backup_id}: missing: there is no such object`);
    expect(stdout).toContain('2 backups: 1 as they were written, 1 missing');
  });

  it('verifies one, or those of a target, and wants to know which', async () => {
    gateway.on('POST', 'backups/backup-a/verify', () => ok(VerificationAccepted, { verification_id, total: 1 }, 202));
    gateway.on('GET', `backups/verifications/${verification_id}`, () =>
      ok(
        VerificationView,
        verification({ total: 1, done: 1, outcomes: { ok: 1, altered: 0, missing: 0, unreadable: 0 } }),
      ),
    );
    expect(await cli('verify', 'backup-a')).toMatchObject({ exitCode: 0 });
    await cli('verify', '--target', 'staging');
    expect(gateway.received('POST', 'backups/verify')).toMatchObject([{ body: { target: 'staging' } }]);
    expect(await cli('verify')).toMatchObject({ exitCode: 2 });
    expect(await cli('verify', 'backup-a', '--all')).toMatchObject({ exitCode: 2 });
  });

  it('records a restore by hand, or says why that is not believed', async () => {
    const reply = { backup_id: newId('backup'), active_version: 'v1.2.0' };
    gateway.on('POST', 'backups/backup-a/restored', () => ok(RestoredByHandAccepted, reply));
    const recorded = await cli('record-restore', 'backup-a', '--reason', 'the rollback failed');
    expect(recorded).toMatchObject({ exitCode: 0, stdout: 'recorded: v1.2.0 is active again\n' });
    gateway.on('POST', 'backups/backup-a/restored', () => problem(409, 'target_differs'));
    expect(await cli('record-restore', 'backup-a', '--reason', 'x')).toMatchObject({ exitCode: 1 });
  });
});
