import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolePassword, type Stack } from '@m3/local';

const program = fileURLToPath(new URL('../../services/cli/packed/main.js', import.meta.url));

/** Runs commands in a shell that has the settings of the backups service and the sign-in of an operator. */
export async function operatorsShell(
  stack: Stack,
  script: string,
): Promise<{ readonly code: number | null; readonly said: string }> {
  const { servers, secrets, services: running, issuer, home } = stack;
  const { endpoint, region, accessKeyId, secretAccessKey, bucket } = servers.s3;
  const bin = await installed(join(home, 'bin'));
  const child = spawn('sh', ['-ec', script], {
    cwd: home,
    env: {
      ...{
        PATH: `${bin}:${process.env['PATH'] ?? ''}`,
        DATABASE_URL: backupsUrl(stack),
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
