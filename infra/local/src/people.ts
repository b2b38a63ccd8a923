import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Role } from '@m3/contracts';
import type { LocalIssuer } from './issuer.js';

interface Person {
  readonly name: string;
  readonly roles: readonly Role[];
}

/** Tags versions, asks for publishes, and is who the command line speaks for. */
export const operator: Person = { name: 'ann', roles: ['admin', 'maintainer'] };

/** Who may do what in the sample. */
export const people: readonly Person[] = [
  operator,
  { name: 'alice', roles: ['approver'] },
  { name: 'bob', roles: ['approver'] },
  { name: 'carol', roles: ['approver'] },
  { name: 'vera', roles: ['viewer'] },
];

const HOURS = 7 * 24;

/** A token for each person by name, also kept in `<home>/tokens/<name>`. */
export async function issueTokens(home: string, issuer: LocalIssuer): Promise<ReadonlyMap<string, string>> {
  const folder = join(home, 'tokens');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const tokens = new Map<string, string>();
  for (const { name, roles } of people) {
    const token = await issuer.token({ sub: name, roles, hours: HOURS });
    tokens.set(name, token);
    await writeSecretly(join(folder, name), token);
  }
  return tokens;
}

/** What the command line finds when it is called below the folder that holds the home folder. */
export async function writeCliSettings(home: string, url: string, token: string): Promise<void> {
  await writeSecretly(join(home, 'cli.json'), JSON.stringify({ url, token }, null, 2));
}

/** Readable by its owner only, whatever it was before. */
export async function writeSecretly(file: string, text: string): Promise<void> {
  await writeFile(file, `${text}\n`, { mode: 0o600 });
  await chmod(file, 0o600);
}
