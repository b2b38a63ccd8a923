export interface OrderedCopy {
  readonly copy: unknown;
  /** False: a key looks like a number. JavaScript puts those before all others, wherever they belong. */
  readonly inOrder: boolean;
}

/**
 * A copy whose members are in the order of their keys' UTF-16 code units, without what JSON leaves out: what JSON.stringify,
 * which is quick, makes of it is RFC 8785 canonical JSON. @throws TypeError for what JSON cannot hold
 */
export function orderedCopy(value: unknown): OrderedCopy {
  const copier = new Copier();
  return { copy: copier.copyOf(value), inOrder: copier.inOrder };
}

class Copier {
  inOrder = true;

  /** Undefined stays: it is left out of objects, and null in arrays, as JSON.stringify does. */
  copyOf(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return scalar(value);
    if (hasForm(value)) return this.copyOf(value.toJSON());
    return Array.isArray(value) ? this.list(value) : this.members(value);
  }

  private list(values: readonly unknown[]): unknown[] {
    const copy: unknown[] = [];
    for (const value of values) copy.push(this.copyOf(value) ?? null);
    return copy;
  }

  private members(value: object): object {
    const copy: Record<string, unknown> = {};
    for (const key of sorted(Object.keys(value))) {
      const member = this.copyOf(Reflect.get(value, key));
      if (member === undefined) continue;
      if (startsWithDigit(key)) this.inOrder = false;
      if (key === '__proto__') Object.defineProperty(copy, key, { value: member, enumerable: true });
      else copy[key] = member;
    }
    return copy;
  }
}

/** JSON knows no zero below zero. */
function scalar(value: unknown): unknown {
  if (value === 0) return 0;
  if (typeof value === 'number' ? Number.isFinite(value) : !formless.has(typeof value)) return value;
  throw new TypeError(`${String(value)} has no JSON form`);
}

const formless: ReadonlySet<string> = new Set(['function', 'symbol', 'bigint']);

/** A date, say. */
function hasForm(value: object): value is { toJSON: () => unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function';
}

function startsWithDigit(key: string): boolean {
  const unit = key.charCodeAt(0);
  return unit >= 0x30 && unit <= 0x39;
}

/** By insertion where they are few: sort(), which copies them and compares by calls, took longer than all the rest. */
function sorted(keys: string[]): readonly string[] {
  if (keys.length > 32) return keys.sort();
  for (let end = 1; end < keys.length; end += 1) {
    const key = keys[end] ?? '';
    let at = end;
    for (let before = keys[at - 1]; before !== undefined && before > key; before = at > 0 ? keys[at - 1] : undefined) {
      keys[at] = before;
      at -= 1;
    }
    keys[at] = key;
  }
  return keys;
}
