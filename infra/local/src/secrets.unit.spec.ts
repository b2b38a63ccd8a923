import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keepSecrets, newSecrets, rolePassword } from './secrets.js';

describe('secrets of an installation', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'm3-secrets-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('are made once, for the owner’s eyes only, and found again', async () => {
    const file = join(folder, 'deeper', 'secrets.json');
    const made = await keepSecrets(file);

    expect(await keepSecrets(file)).toEqual(made);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(Buffer.from(made.secretKey, 'base64')).toHaveLength(32);
  });

  it('are not replaced when they cannot be read: what is sealed would be lost', async () => {
    const file = join(folder, 'secrets.json');
    await writeFile(file, '{"secretKey":');

    await expect(keepSecrets(file)).rejects.toThrow(`${file} does not hold the secrets`);
    expect(await readFile(file, 'utf8')).toBe('{"secretKey":');
  });

  it('give each role a password of its own, the same every time', () => {
    const secrets = newSecrets();

    expect(rolePassword(secrets, 'm3_gates')).toBe(rolePassword(secrets, 'm3_gates'));
    expect(rolePassword(secrets, 'm3_gates')).not.toBe(rolePassword(secrets, 'm3_backups'));
    expect(rolePassword(newSecrets(), 'm3_gates')).not.toBe(rolePassword(secrets, 'm3_gates'));
  });
});
