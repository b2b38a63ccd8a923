import type { Routing } from './target-releases.js';

/**
 * Spreads new executions over versions by their weights, evenly rather than by chance: of any hundred executions in a row
 * each version gets its weight (smooth weighted round robin).
 */
export class VersionChooser {
  private readonly credits = new Map<string, Map<string, number>>();

  /** The version for the next execution in a schema; null when none is active, or every route takes none. */
  choose(schema: string, { activeVersion, routes }: Routing): string | null {
    const open = routes.filter((route) => route.weight > 0);
    if (open.length === 0 && routes.length > 0) return null;
    if (open.length <= 1) return open[0]?.version ?? activeVersion;
    const before = this.credits.get(schema);
    const total = open.reduce((sum, route) => sum + route.weight, 0);
    const credits = new Map(open.map(({ version, weight }) => [version, (before?.get(version) ?? 0) + weight]));
    const [chosen, credit] = [...credits].reduce((best, other) => (other[1] > best[1] ? other : best));
    this.credits.set(schema, credits.set(chosen, credit - total));
    return chosen;
  }
}
