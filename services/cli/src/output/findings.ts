import { inspect } from 'node:util';
import { DocumentFault, Finding, TargetChange } from '@m3/contracts';
import { replyCheck } from '../api/reply-check.js';
import { printable } from './text.js';

const isFinding = replyCheck(Finding);
const isDocumentFault = replyCheck(DocumentFault);
const isTargetChange = replyCheck(TargetChange);

const folders: Readonly<Record<string, string>> = {
  workflow: 'workflows',
  agent: 'agents',
  processor: 'processors',
  test: 'tests',
};

/** Finds the file that an artifact came from, relative to the release folder; null when it came from none. */
export type FileOf = (kind: string, name: string) => string | null;

/** `workflows/invoice.json:NODE error plan.cycle The nodes depend on each other. — Remove one dependency of the cycle.` */
export function findingLine(finding: Finding, fileOf: FileOf = () => null): string {
  const remedy = finding.remedy === undefined ? '' : ` — ${finding.remedy}`;
  return printable(`${place(finding, fileOf)} ${finding.severity} ${finding.code} ${finding.message}${remedy}`);
}

/** A finding from a reply, which may be of a shape that this release does not know. */
export function describeFinding(value: unknown): string {
  if (isFinding(value)) return findingLine(value);
  if (isDocumentFault(value)) return printable(`${value.field}: ${value.message} (${value.code})`);
  if (isTargetChange(value)) return printable(changeLine(value));
  return printable(inspect(value, { breakLength: Infinity }));
}

/** `revision 7: changed by bob at 2026-03-19T14:23:45.000Z: deployment.timeout_seconds` */
function changeLine({ revision, what, by, at, changes }: TargetChange): string {
  const fields = changes.length === 0 ? '' : `: ${changes.map(({ field }) => field).join(', ')}`;
  return `revision ${revision}: ${what} by ${by} at ${at}${fields}`;
}

function place(finding: Finding, fileOf: FileOf): string {
  const { kind, name } = finding.artifact ?? { kind: 'bundle', name: '' };
  const folder = folders[kind];
  const file = fileOf(kind, name) ?? (folder === undefined ? kind : `${folder}/${name}.json`);
  return [file, finding.node ?? finding.path ?? ''].filter((part) => part !== '').join(':');
}
