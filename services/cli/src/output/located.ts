import type { ProblemReply } from '@m3/contracts';
import type { TargetSource } from '../release/target-files.js';

/** The gateway counts the documents of the request; people know files and names. */
export function located(problem: ProblemReply, sources: readonly TargetSource[]): ProblemReply {
  const { field, findings, detail, ...rest } = problem;
  const place = placeOf(field ?? '', sources);
  return {
    ...rest,
    detail: place === null ? detail : `${place.label}: ${detail.replaceAll(place.prefix, '')}`,
    ...(field === undefined ? {} : { field: place?.field ?? field }),
    ...(findings === undefined ? {} : { findings: findings.map((finding) => locatedFinding(finding, sources)) }),
  };
}

function locatedFinding(finding: unknown, sources: readonly TargetSource[]): unknown {
  if (typeof finding !== 'object' || finding === null || !('field' in finding)) return finding;
  const place = typeof finding.field === 'string' ? placeOf(finding.field, sources) : null;
  return place === null
    ? finding
    : { ...finding, field: `${place.label}: ${place.field.slice(1).replaceAll('/', '.')}` };
}

interface Place {
  readonly label: string;
  readonly prefix: string;
  /** JSON pointer into the one document. */
  readonly field: string;
}

function placeOf(pointer: string, sources: readonly TargetSource[]): Place | null {
  const [, index = '', field = ''] = /^\/?targets[/.](\d+)(.*)$/.exec(pointer) ?? [];
  const source = sources[Number(index)];
  return index === '' || source === undefined ? null : { label: source.label, prefix: `/targets/${index}/`, field };
}
