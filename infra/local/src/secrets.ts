import { createHmac, randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode } from './error-code.js';

/** What only this installation knows. */
export interface StackSecrets {
  /** Seals the secrets of targets: 32 bytes, base64. */
  readonly secretKey: string;
  /** What gateways of targets ask for. */
  readonly targetGatewayToken: string;
  /** The passwords of all database roles come from this. */
  readonly rolePasswordSeed: string;
  /** Signs webhooks: `whsec_…` */
  readonly webhookSecret: string;
}

export function newSecrets(): StackSecrets {
  return {
    secretKey: randomBytes(32).toString('base64'),
    targetGatewayToken: `mas_${randomBytes(24).toString('base64url')}`,
    rolePasswordSeed: randomBytes(32).toString('base64'),
    webhookSecret: `whsec_${randomBytes(32).toString('base64')}`,
  };
}

/** The secrets in a file that its owner alone can read; they are made when there is none. @throws Error naming the file */
export async function keepSecrets(file: string): Promise<StackSecrets> {
  const known = await readFile(file, 'utf8').catch(whenMissing);
  if (known !== undefined) return parse(file, known);
  const secrets = newSecrets();
  await mkdir(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  await rename(draft, file);
  return secrets;
}

/** The password of a database role: always the same for the same seed. */
export function rolePassword({ rolePasswordSeed }: Pick<StackSecrets, 'rolePasswordSeed'>, role: string): string {
  return createHmac('sha256', rolePasswordSeed).update(role).digest('base64url');
}

function whenMissing(error: unknown): undefined {
  if (errorCode(error) === 'ENOENT') return undefined;
  throw error;
}

function parse(file: string, text: string): StackSecrets {
  const secrets = jsonOrNull(text);
  if (isSecrets(secrets)) return secrets;
  throw new Error(
    `${file} does not hold the secrets of this installation any more, and what is sealed cannot be opened without them. ` +
      'Put the file back, or remove the whole folder to begin anew.',
  );
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const FIELDS = ['secretKey', 'targetGatewayToken', 'rolePasswordSeed', 'webhookSecret'];

function isSecrets(value: unknown): value is StackSecrets {
  return (
    typeof value === 'object' && value !== null && FIELDS.every((name) => typeof Reflect.get(value, name) === 'string')
  );
}
