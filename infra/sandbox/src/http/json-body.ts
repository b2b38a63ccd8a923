import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../gateway-error.js';

const MOST_BYTES = 16 * 1024 * 1024;
/** In JSON text as `JSON.stringify` writes it: the NUL character, or half a surrogate pair. PostgreSQL stores neither. */
const UNSTORABLE = /(?:^|[^\\])(?:\\\\)*\\u(?:0000|d[89a-f])/;

/** The body as JSON; nothing at all counts as `{}`. @throws GatewayError 400 or 413 */
export async function readJson(message: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message) {
    if (!Buffer.isBuffer(chunk)) continue;
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new GatewayError(413, 'body_too_large', 'The body may have 16 MiB at most.');
    chunks.push(chunk);
  }
  return parse(Buffer.concat(chunks).toString('utf8'));
}

function parse(text: string): unknown {
  if (text.trim() === '') return {};
  let value: unknown;
  let again: string;
  try {
    value = JSON.parse(text);
    again = text.includes('\\u') ? JSON.stringify(value) : '';
  } catch {
    throw new GatewayError(400, 'invalid_json', 'The body is not JSON.');
  }
  if (UNSTORABLE.test(again)) {
    throw new GatewayError(
      400,
      'invalid_text',
      'The body holds characters that cannot be stored (NUL, lone surrogate).',
    );
  }
  return value;
}
