import { spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BackupList, sha256, TargetDetail, type BackupView, type ServiceName } from '@m3/contracts';
import { rolePassword, type Stack } from '@m3/local';
import { ObjectStorage } from '@m3/object-storage';
import { snapshotText } from '@m3/target-environment';
import { useProduct } from './product.fixture.spec.js';

const use = useProduct({ schemas: ['runbook'] });
const runbook = fileURLToPath(new URL('../../services/backups/README.md', import.meta.url));
const program = fileURLToPath(new URL('../../services/cli/dist/main.js', import.meta.url));
const name = 'Target runbook';
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

/** Runs commands in a shell that has the settings of the backups service and the sign-in of an operator. */
async function shell(script: string): Promise<{ readonly code: number | null; readonly said: string }> {
  const { servers, secrets, services: running, issuer, home } = use().stack;
  const { endpoint, region, accessKeyId, secretAccessKey, bucket } = servers.s3;
  const bin = await installed(join(home, 'bin'));
  const child = spawn('sh', ['-ec', script], {
    cwd: home,
    env: {
      ...{
        PATH: `${bin}:${process.env['PATH'] ?? ''}`,
        DATABASE_URL: backupsUrl(use().stack),
        SECRET_KEY: secrets.secretKey,
      },
      ...{ S3_ENDPOINT: endpoint, S3_REGION: region, S3_ACCESS_KEY_ID: accessKeyId },
      ...{ S3_SECRET_ACCESS_KEY: secretAccessKey, BACKUP_BUCKET: bucket, ALLOWED_ADDRESSES: '127.0.0.0/8' },
      TARGET_GATEWAY_TOKEN: secrets.targetGatewayToken,
      M3_PUBLISH_URL: running.gateway.url,
      M3_PUBLISH_TOKEN: await issuer.token({ sub: 'ann', roles: ['admin'] }),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += String(chunk)));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, said };
}

/** A folder with the command in it, as an installation has. */
async function installed(bin: string): Promise<string> {
  await mkdir(bin, { recursive: true });
  const command = join(bin, 'm3-publish');
  await writeFile(command, `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`, { mode: 0o755 });
  return bin;
}

/** The database as the backups service signs in to it. */
function backupsUrl({ servers, secrets }: Stack): string {
  const url = new URL(servers.postgres.adminUrl);
  url.username = 'm3_backups';
  url.password = rolePassword(secrets, 'm3_backups');
  return url.href;
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
