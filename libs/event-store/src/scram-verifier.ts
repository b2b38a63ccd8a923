import { createHash, createHmac, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

const ITERATIONS = 4096;

/**
 * What PostgreSQL stores for a password (SCRAM-SHA-256). Sent instead of the password, which then cannot stand in a
 * server's log. Printable ASCII only: anything else would need normalising.
 */
export async function scramVerifier(password: string): Promise<string> {
  if (!/^[\x20-\x7e]+$/.test(password)) throw new TypeError('a database password must be printable ASCII, not empty');
  const salt = randomBytes(16);
  const salted = await promisify(pbkdf2)(password, salt, ITERATIONS, 32, 'sha256');
  const storedKey = createHash('sha256').update(hmac(salted, 'Client Key')).digest('base64');
  const serverKey = hmac(salted, 'Server Key').toString('base64');
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
