import cvss from 'ae-cvss-calculator';
import type { OsvAffected, OsvRecord } from './osv-record.js';
import { severest, type Severity } from './severity.js';

/** The severest rating that a record gives for a package: its CVSS vectors, else the word of its database. */
export function severityOf(record: OsvRecord, affected: OsvAffected): Severity {
  const vectors = [...(affected.severity ?? []), ...(record.severity ?? [])];
  const rating = severest(vectors.map(({ score }) => rated(scoreOf(score))));
  if (rating !== 'unknown') return rating;
  const specific = [affected.database_specific, affected.ecosystem_specific, record.database_specific];
  return severest(specific.map((each) => named(each?.severity)));
}

function rated(score: number | null): Severity {
  if (score === null) return 'unknown';
  if (score >= 9) return 'critical';
  if (score >= 7) return 'high';
  return score >= 4 ? 'medium' : 'low';
}

/** Null: it is no vector of a known version of CVSS. */
function scoreOf(vector: string): number | null {
  const version = versions.find(({ prefix }) => vector.startsWith(prefix));
  try {
    const score = version?.score(vector);
    return score !== undefined && Number.isFinite(score) ? score : null;
  } catch {
    return null;
  }
}

const versions: readonly { readonly prefix: string; readonly score: (vector: string) => number }[] = [
  { prefix: 'CVSS:4.0/', score: (vector) => new cvss.Cvss4P0(vector).calculateScores().overall },
  { prefix: 'CVSS:3.1/', score: (vector) => new cvss.Cvss3P1(vector).calculateScores().overall },
  { prefix: 'CVSS:3.0/', score: (vector) => new cvss.Cvss3P0(vector).calculateScores().overall },
  { prefix: 'AV:', score: (vector) => new cvss.Cvss2(vector).calculateScores().overall },
];

const words: Readonly<Record<string, Severity>> = {
  CRITICAL: 'critical',
  HIGH: 'high',
  MODERATE: 'medium',
  MEDIUM: 'medium',
  LOW: 'low',
};

function named(word: unknown): Severity {
  const name = typeof word === 'string' ? word.toUpperCase() : '';
  return Object.hasOwn(words, name) ? (words[name] ?? 'unknown') : 'unknown';
}
