import type { Bundle } from '@m3/artifacts';
import type { GateThresholds } from '@m3/contracts';
import type { Verdict } from '../domain/check.js';

/** What a gate judges by. */
export interface GateInput {
  readonly bundle: Bundle;
  readonly thresholds: GateThresholds;
}

/** One quality gate. It reads its input, says pass, fail or inconclusive with findings, and never throws for bad content. */
export interface QualityGate {
  /** Stable: shown in history and named in overrides. */
  readonly name: string;
  run(input: GateInput): Promise<Verdict>;
}
