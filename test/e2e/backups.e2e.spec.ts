import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { BackupList, sha256, TargetDetail, type BackupView, type ServiceName } from '@m3/contracts';
import { ObjectStorage } from '@m3/object-storage';
import { snapshotText } from '@m3/target-environment';
import { eventually } from '@m3/testing';
import { operatorsShell } from './operators-shell.fixture.spec.js';
import { useProduct } from './product.fixture.spec.js';

/** So many seconds may something be late before somebody is told. */
const late = '2';
const use = useProduct({
  schemas: ['runbook'],
  serviceEnv: () => ({ notifier: { OVERDUE_AFTER_SECONDS: late } }),
});
const runbook = fileURLToPath(new URL('../../services/backups/README.md', import.meta.url));
const name = 'Target runbook';
const shell = (script: string) => operatorsShell(use().stack, script);
const services: readonly ServiceName[] = [
  'gateway',
  'targets',
  'gates',
  'approvals',
  'backups',
  'deployer',
  'notifier',
];

/** The commands of the runbook, in its order, about this target and this backup instead of its examples. */
async function documented(backup: BackupView): Promise<readonly string[]> {
  const text = await readFile(runbook, 'utf8');
  const section = text.slice(text.indexOf('### Restoring a target by hand'), text.indexOf('### Other'));
  return [...section.matchAll(/```sh\n([^`]*)```/g)].map(([, block = '']) =>
    block.replaceAll('Production US East', name).replaceAll('backup-production-20260319-142345', backup.name ?? ''),
  );
}

async function publish(version: string): Promise<void> {
  await use().tag({ version });
  const [id = ''] = await use().log.triggered(version);
  await use().log.endsAs(id, 'PublishSucceeded');
}

describe('the runbook of the backups, followed literally', () => {
  it('puts a target back while every service is down, byte for byte, and tells the log afterwards', async () => {
    const { stack, targets } = use();
    await use().apply(use().document('runbook'));
    await publish('v1.0.0');
    await publish('v1.1.0');
    const list = await use().shows('backups?version=v1.0.0', BackupList, ({ items }) => items.length === 1);
    const [backup] = list.items;
    if (!backup?.location) throw new Error('the second publish took no backup');
    expect(backup).toMatchObject({ status: 'taken', target_name: name });
    expect(await shell('m3-publish backup verify --all')).toMatchObject({ code: 0 });
    const [byHand = '', later = ''] = await documented(backup);
    expect(byHand.trim().split('\n')).toHaveLength(2);

    await Promise.all(services.map((service) => stack.services[service].kill()));
    const restored = await shell(byHand);
    expect(restored).toMatchObject({ code: 0 });
    expect(restored.said).toContain('active: v1.1.0 → v1.0.0');
    expect(await targets.state('runbook')).toMatchObject({ active: 'v1.0.0' });
    const storage = new ObjectStorage(stack.servers.s3);
    const stored = await storage.get(backup.location.bucket, backup.location.key);
    await storage.close();
    expect(snapshotText(await use().environment('runbook').snapshot())).toBe(stored);
    expect(sha256(stored)).toBe(backup.digest);

    await Promise.all(services.map((service) => stack.services[service].restart()));
    await shell(`m3-publish target hold "${name}" --reason "restored by hand"`);
    expect(await shell(later)).toMatchObject({ code: 0 });
    const [event] = await use().log.ofType('TargetRestoredByHand');
    expect(event?.data).toMatchObject({ backup_id: backup.backup_id, active_version: 'v1.0.0' });
    await use().shows(
      `targets/${encodeURIComponent(name)}`,
      TargetDetail,
      ({ status, active }) => status === 'active' && active?.version === 'v1.0.0',
    );
  }, 240_000);

  it('leaves a target that publishes go on with', async () => {
    await publish('v1.2.0');
    expect((await use().targets.state('runbook')).active).toBe('v1.2.0');
  }, 240_000);
});

describe('a publish whose deployer was killed and stays away', () => {
  it('is told of once by the watchdog, and again when it goes on with the one that is started in the end', async () => {
    const { stack, log, webhook } = use();
    await stack.services.deployer.kill();
    await use().tag({ version: 'v1.3.0' });
    const [id = ''] = await log.triggered('v1.3.0');
    const told = (type: string) =>
      webhook.received.filter(({ payload }) => {
        const text = JSON.stringify(payload);
        return text.includes(id) && text.includes(`"${type}"`);
      });
    const [stuck] = await eventually('somebody is told', () => told('publish.stuck'), {
      timeoutMs: 60_000,
      until: (all) => all.length > 0,
    });
    expect(JSON.stringify(stuck?.payload)).toContain('see whether deployer runs');
    expect((await log.ofType('DeadlineMissed')).filter(({ data }) => data.publish_id === id)).toHaveLength(1);
    await stack.services.deployer.restart();
    await log.endsAs(id, 'PublishSucceeded');
    await eventually('and that it goes on', () => told('publish.moved_on').length > 0, { timeoutMs: 60_000 });
  }, 240_000);
});
