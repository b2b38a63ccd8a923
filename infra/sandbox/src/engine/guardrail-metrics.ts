import type { GuardrailMetric } from '@m3/artifacts';
import type { RegexMatcher } from './bounded-regex.js';
import { jsonFits } from './json-shape.js';
import { numberIn, objectIn, readableText, textIn, textsIn, type JsonObject } from './json.js';

/** What a guardrail looks at, as its `input_source`, `context_source` and `query_source` found it. */
export interface GuardrailSubject {
  readonly input: unknown;
  readonly context: unknown;
  readonly query: unknown;
}

/** From 0 (bad) to 1 (good), with the reason. */
export interface Score {
  readonly score: number;
  readonly feedback: string;
}

type Measure = (subject: GuardrailSubject, params: JsonObject, matches: RegexMatcher) => Score;

/** Judges by rules alone: what a model or a remote executor would judge in Marie is measured by word overlap or passed. */
const measures: Readonly<Record<GuardrailMetric['type'], Measure>> = {
  length_check: ({ input }, params) => lengthScore(readableText(input).length, params),
  regex_match: ({ input }, params, matches) => regexScore(readableText(input), params, matches),
  contains_keywords: ({ input }, params) => keywordScore(readableText(input), params),
  json_schema: ({ input }, params) =>
    jsonFits(input, params.schema) ? full('the value fits the schema') : none('the value does not fit the schema'),
  faithfulness: ({ input, context }) => overlapScore(readableText(input), readableText(context)),
  relevance: ({ input, query }) => overlapScore(readableText(query), readableText(input)),
  llm_judge: () => full('the sandbox judge is content'),
  executor: () => full('the sandbox evaluator is content'),
};

/** The score of one metric. */
export function measure(metric: GuardrailMetric, subject: GuardrailSubject, matches: RegexMatcher): Score {
  return measures[metric.type](subject, objectIn(metric.params), matches);
}

function lengthScore(length: number, params: JsonObject): Score {
  const least = numberIn(params.min) ?? 0;
  const most = numberIn(params.max) ?? Number.POSITIVE_INFINITY;
  if (length < least) return { score: length / least, feedback: `length ${length} is below ${least}` };
  if (length > most) return { score: Math.max(0, most / length), feedback: `length ${length} is above ${most}` };
  return full(`length ${length} is within bounds`);
}

function regexScore(text: string, params: JsonObject, matches: RegexMatcher): Score {
  const pattern = textIn(params.pattern);
  if (pattern === undefined) return none('the metric has no pattern');
  const verdict = matches(pattern, 'ms', text);
  if (verdict.kind === 'refused') return none(verdict.reason);
  const wanted = params.must_not_match === true ? 'not_matched' : 'matched';
  const feedback = verdict.kind === 'matched' ? 'the pattern matches' : 'the pattern does not match';
  return verdict.kind === wanted ? full(feedback) : none(feedback);
}

function keywordScore(text: string, params: JsonObject): Score {
  const keywords = textsIn(params.keywords);
  if (keywords.length === 0) return full('no keywords to look for');
  const fold = (value: string) => (params.case_sensitive === true ? value : value.toLowerCase());
  const folded = fold(text);
  const found = keywords.filter((keyword) => folded.includes(fold(keyword))).length;
  return { score: found / keywords.length, feedback: `${found} of ${keywords.length} keywords found` };
}

/** The share of the words of `part` that `whole` has. */
function overlapScore(part: string, whole: string): Score {
  const words = wordsOf(part);
  if (words.size === 0) return full('nothing to compare');
  const known = wordsOf(whole);
  const shared = [...words].filter((word) => known.has(word)).length;
  return { score: shared / words.size, feedback: `${shared} of ${words.size} words in common` };
}

function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);
}

function full(feedback: string): Score {
  return { score: 1, feedback };
}

function none(feedback: string): Score {
  return { score: 0, feedback };
}
