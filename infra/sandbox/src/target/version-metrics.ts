/** Executions of one version that have ended since the gateway started; `p95_ms` over the last 500, null when none. */
export interface VersionMetrics {
  readonly version: string;
  readonly executions: number;
  readonly failures: number;
  readonly p95_ms: number | null;
}

interface Tally {
  executions: number;
  failures: number;
  readonly durations: number[];
}

const MOST_DURATIONS = 500;
const MOST_VERSIONS = 100;

/** Counts executions by schema and version. The versions that were idle longest are forgotten after a hundred. */
export class MetricsBook {
  private readonly schemas = new Map<string, Map<string, Tally>>();

  record(schema: string, version: string, end: { readonly failed: boolean; readonly durationMs: number }): void {
    const versions = this.schemas.get(schema) ?? new Map<string, Tally>();
    this.schemas.set(schema, versions);
    const tally = versions.get(version) ?? { executions: 0, failures: 0, durations: [] };
    versions.delete(version);
    versions.set(version, tally);
    tally.durations[tally.executions % MOST_DURATIONS] = end.durationMs;
    tally.executions += 1;
    if (end.failed) tally.failures += 1;
    const [idle] = versions.keys();
    if (versions.size > MOST_VERSIONS && idle !== undefined) versions.delete(idle);
  }

  of(schema: string): readonly VersionMetrics[] {
    return [...(this.schemas.get(schema) ?? [])].map(([version, { executions, failures, durations }]) => ({
      version,
      executions,
      failures,
      p95_ms: percentile95(durations),
    }));
  }
}

/** The smallest duration that at least 95 % of the executions did not exceed. */
function percentile95(durations: readonly number[]): number | null {
  const sorted = [...durations].sort((left, right) => left - right);
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? null;
}
