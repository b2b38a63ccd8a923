import { createHash } from 'node:crypto';

/** 32 numbers from 0 to 255 that depend on the text alone. */
export function fingerprint(text: string): readonly number[] {
  return [...createHash('sha256').update(text).digest()];
}
