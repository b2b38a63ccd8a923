import { findSecrets, isPlaceholder, saysSecret } from './secret-rules.js';

const mask = '***';

/** `name: value` in JSON, YAML and the like. Bounded everywhere, so that time is linear in the text. */
const assignment =
  /([A-Za-z_][\w-]{0,63})(["']?[ \t]{0,8}[:=][ \t]{0,8})("(?:[^"\\]|\\.){0,4096}"?|[^\s,;"'{}[\]]{1,4096})/g;

interface Stretch {
  readonly start: number;
  readonly end: number;
}

/**
 * A text that is fit to be shown: what a rule takes for a secret is replaced by `***`. Where it is only about what people
 * see, a name that says secret is enough, however short the value is.
 * @param field the name of the field that holds the text, where it is known
 */
export function maskSecrets(text: string, field = ''): string {
  if (saysSecret(field) && !isPlaceholder(text)) return mask;
  const stretches = [...assigned(text), ...findSecrets('', text).map((found) => whole(text, found))];
  let shown = '';
  let from = 0;
  for (const { start, end } of stretches.sort((a, b) => a.start - b.start)) {
    if (start >= from) shown += text.slice(from, start) + mask;
    from = Math.max(from, end);
  }
  return shown + text.slice(from);
}

/** Values that stand behind a name that says secret, without their quotes. */
function assigned(text: string): Stretch[] {
  return [...text.matchAll(assignment)].flatMap(({ index, 0: all, 1: name = '', 3: value = '' }) => {
    const quotes = value.startsWith('"') ? { before: 1, after: value.length > 1 && value.endsWith('"') ? 1 : 0 } : none;
    const inner = value.slice(quotes.before, value.length - quotes.after);
    if (!saysSecret(name) || isPlaceholder(inner)) return [];
    const end = index + all.length - quotes.after;
    return [{ start: end - inner.length, end }];
  });
}

const none = { before: 0, after: 0 };

/** The rule for private keys sees just the line that begins one. */
function whole(text: string, { code, start, end }: Stretch & { readonly code: string }): Stretch {
  if (code !== 'secret.private_key') return { start, end };
  const last = text.indexOf('-----END', end);
  return { start, end: last < 0 ? text.length : last };
}
