import type { FieldDifference } from '@m3/contracts';
import { maskSecrets } from '@m3/secrets';
import diff, { type Difference } from 'microdiff';
import { toPointer } from './json-document.js';

/** Longer values are shown as the beginning of their text. */
const longest = 200;

/**
 * What differs between two documents, value by value, fit to be shown: nothing long, and no secrets.
 * @param within keys of the place that the documents have in a larger one
 */
export function fieldDifferences(
  before: Record<string, unknown>,
  after: Record<string, unknown>,
  within: readonly string[] = [],
): FieldDifference[] {
  return diff(before, after).map((difference) => {
    const path = [...within, ...difference.path];
    const { old, now } = sidesOf(difference, nameIn(path));
    return {
      field: shownText(toPointer(path)),
      ...(old && { before: old.value }),
      ...(now && { after: now.value }),
      ...(old?.shortened || now?.shortened ? { shortened: true as const } : {}),
    };
  });
}

interface Shown {
  readonly value: unknown;
  readonly shortened: boolean;
}

function sidesOf(difference: Difference, name: string): { readonly old?: Shown; readonly now?: Shown } {
  const now = (): Shown => shown(name, 'value' in difference ? difference.value : null);
  const old = (): Shown => shown(name, 'oldValue' in difference ? difference.oldValue : null);
  if (difference.type === 'CREATE') return { now: now() };
  return difference.type === 'REMOVE' ? { old: old() } : { old: old(), now: now() };
}

/** Items of a list stand under the name that the list has. */
function nameIn(path: readonly (string | number)[]): string {
  return path.findLast((part) => typeof part === 'string') ?? '';
}

/** A value as it is; or as text, where it is long or a secret had to be taken out of it. */
function shown(name: string, value: unknown): Shown {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const masked = maskSecrets(text, name);
  if (masked.length > longest) return { value: shortened(masked), shortened: true };
  if (typeof value === 'string') return { value: masked, shortened: false };
  return masked === text ? { value, shortened: false } : { value: masked, shortened: true };
}

/** A text of an artifact, fit to be shown. */
export function shownText(text: string): string {
  const masked = maskSecrets(text);
  return masked.length > longest ? shortened(masked) : masked;
}

/** Never ends with half a surrogate pair. */
function shortened(text: string): string {
  return `${text.slice(0, longest).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
