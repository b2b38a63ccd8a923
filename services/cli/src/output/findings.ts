import { inspect } from 'node:util';
import { Finding } from '@m3/contracts';
import { replyCheck } from '../api/reply-check.js';
import { printable } from './text.js';

const isFinding = replyCheck(Finding);

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
  return isFinding(value) ? findingLine(value) : printable(inspect(value, { breakLength: Infinity }));
}

function place(finding: Finding, fileOf: FileOf): string {
  const { kind, name } = finding.artifact ?? { kind: 'bundle', name: '' };
  const folder = folders[kind];
  const file = fileOf(kind, name) ?? (folder === undefined ? kind : `${folder}/${name}.json`);
  return [file, finding.node ?? finding.path ?? ''].filter((part) => part !== '').join(':');
}
