import type { ArtifactChange, BundleChanges, FieldDifference, NodeLabel, PlanDiff } from '@m3/contracts';
import type { Tone } from './output.js';
import { counted } from './text.js';

/** One line of a diff. */
export interface ChangeLine {
  readonly text: string;
  readonly tone: Tone;
}

const marks = { new: '+', updated: '~', deleted: '-' } as const;
const tones = { new: 'good', updated: 'warning', deleted: 'bad' } as const;

/** What changes, artifact by artifact, with the nodes of plans and the fields that differ, each level indented. */
export function changeLines({ changes, counts, omitted }: BundleChanges, indent = ''): readonly ChangeLine[] {
  const lines = changes.flatMap(artifactLines);
  if (omitted > 0)
    lines.push({ text: `… and ${counted(omitted, 'more entry', 'more entries')} not shown`, tone: 'faint' });
  if (counts.unchanged > 0) lines.push({ text: `= ${counts.unchanged} unchanged`, tone: 'faint' });
  return lines.map(({ text, tone }) => ({ text: `${indent}${text}`, tone }));
}

/** `2 new, 1 updated, 0 deleted`. */
export function countsText({ counts }: Pick<BundleChanges, 'counts'>): string {
  return `${counts.new} new, ${counts.updated} updated, ${counts.deleted} deleted`;
}

function artifactLines(change: ArtifactChange): ChangeLine[] {
  const head: ChangeLine = {
    text: `${marks[change.change]} ${change.kind} ${change.name}: ${change.change}`,
    tone: tones[change.change],
  };
  if (change.change !== 'updated') return [head];
  return [head, ...change.fields.map((field) => fieldLine(field, '    ')), ...planLines(change.plan)];
}

function planLines(plan: PlanDiff | undefined): ChangeLine[] {
  if (!plan) return [];
  const { added, removed, changed, rewired } = plan;
  if (added.length + removed.length + changed.length + rewired.length === 0) {
    return [{ text: '    the same plan, with other task ids or in another order', tone: 'faint' }];
  }
  return [
    ...added.map((node) => nodeLine('+', node, 'good')),
    ...removed.map((node) => nodeLine('-', node, 'bad')),
    ...changed.flatMap((node) => [
      nodeLine('~', node, 'warning'),
      ...node.fields.map((field) => fieldLine(field, '        ')),
    ]),
    ...rewired.map((node) => rewiredLine(node)),
  ];
}

function nodeLine(mark: string, { query_str, task_id }: NodeLabel, tone: Tone): ChangeLine {
  return { text: `    ${mark} node ${query_str === '' ? task_id : `"${query_str}"`}`, tone };
}

function rewiredLine(node: PlanDiff['rewired'][number]): ChangeLine {
  const waits = [
    ...node.added.map((name) => `now waits for "${name}"`),
    ...node.removed.map((name) => `no longer for "${name}"`),
  ];
  const { text, tone } = nodeLine('↷', node, 'warning');
  return { text: `${text}: ${waits.join(', ')}`, tone };
}

function fieldLine({ field, ...values }: FieldDifference, indent: string): ChangeLine {
  const { before, after } = values;
  if (!('before' in values)) return { text: `${indent}+ ${field}: ${valueText(after)}`, tone: 'good' };
  if (!('after' in values)) return { text: `${indent}- ${field}: ${valueText(before)}`, tone: 'bad' };
  return { text: `${indent}~ ${field}: ${valueText(before)} → ${valueText(after)}`, tone: 'warning' };
}

function valueText(value: unknown): string {
  return JSON.stringify(value);
}
