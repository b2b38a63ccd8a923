import type { DeadLetterMessage } from '@m3/contracts';
import { maskSecrets } from '@m3/secrets';

/** Characters of a message that are shown. */
const longest = 64 * 1024;

/** Deeper JSON is not laid out. */
const deepest = 200;

type Shown = Pick<DeadLetterMessage, 'form' | 'text' | 'complete' | 'bytes'>;

/** A message that nobody could handle, as it can be shown without harm: laid out, no control characters, no secrets. */
export function shownMessage(bytes: Uint8Array): Shown {
  const { form, text } = readable(bytes);
  const shown = harmless(maskSecrets(text.slice(0, longest).replace(/[\uD800-\uDBFF]$/, '')));
  return { form, text: shown, complete: text.length <= longest, bytes: bytes.length };
}

function readable(bytes: Uint8Array): Pick<Shown, 'form' | 'text'> {
  const text = decoded(bytes);
  if (text === null) return { form: 'binary', text: new TextDecoder().decode(bytes.subarray(0, longest)) };
  if (nesting(text) > deepest) return { form: 'text', text };
  try {
    return { form: 'json', text: JSON.stringify(JSON.parse(text), null, 2) };
  } catch {
    return { form: 'text', text };
  }
}

/** How deep lists and objects go, brackets in texts counted too: enough to tell what would take for ever to lay out. */
function nesting(text: string): number {
  let [depth, most] = [0, 0];
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    depth += bracket === '[' || bracket === '{' ? 1 : -1;
    most = Math.max(most, depth);
  }
  return most;
}

/** Null: it is not UTF-8. */
function decoded(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Characters that move a cursor, end a line early or turn the direction of writing, as escapes. Lines and tabs stay. */
function harmless(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n\t]|[\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
