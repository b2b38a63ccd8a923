import { assertNever } from '@m3/decider';
import type { GuardrailDefinition, GuardrailMetric } from '@m3/artifacts';
import type { RegexMatcher } from './bounded-regex.js';
import { measure, type GuardrailSubject } from './guardrail-metrics.js';

const DEFAULT_METRIC_THRESHOLD = 0.8;
const DEFAULT_PASS_THRESHOLD = 0.8;

export interface MetricResult {
  readonly metric: string;
  readonly passed: boolean;
  readonly score: number;
  readonly weight: number;
  readonly feedback: string;
}

export interface GuardrailVerdict {
  readonly passed: boolean;
  readonly score: number;
  readonly results: readonly MetricResult[];
}

/** Judges a subject by the metrics of a guardrail. With `fail_fast` the metrics after a failed one are not looked at. */
export function judge(
  definition: GuardrailDefinition,
  subject: GuardrailSubject,
  matches: RegexMatcher,
): GuardrailVerdict {
  const results: MetricResult[] = [];
  for (const metric of definition.metrics) {
    const result = resultOf(metric, subject, matches);
    results.push(result);
    if (definition.fail_fast === true && !result.passed) break;
  }
  return { ...aggregate(definition, results), results };
}

function resultOf(metric: GuardrailMetric, subject: GuardrailSubject, matches: RegexMatcher): MetricResult {
  const { score, feedback } = measure(metric, subject, matches);
  const passed = score >= (metric.threshold ?? DEFAULT_METRIC_THRESHOLD);
  return { metric: metric.name, passed, score, weight: metric.weight ?? 1, feedback };
}

function aggregate(
  definition: GuardrailDefinition,
  results: readonly MetricResult[],
): Omit<GuardrailVerdict, 'results'> {
  const mode = definition.aggregation_mode ?? 'all';
  switch (mode) {
    case 'all':
      return { passed: results.every((result) => result.passed), score: Math.min(...scores(results)) };
    case 'any':
      return { passed: results.some((result) => result.passed), score: Math.max(...scores(results)) };
    case 'weighted_average': {
      const score = weightedAverage(results);
      return { passed: score >= (definition.pass_threshold ?? DEFAULT_PASS_THRESHOLD), score };
    }
    default:
      return assertNever(mode);
  }
}

function scores(results: readonly MetricResult[]): readonly number[] {
  return results.map((result) => result.score);
}

function weightedAverage(results: readonly MetricResult[]): number {
  const total = results.reduce((sum, result) => sum + result.weight, 0);
  return total === 0 ? 0 : results.reduce((sum, result) => sum + result.score * result.weight, 0) / total;
}
