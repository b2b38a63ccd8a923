import type { PlanGraph } from './plan-graph.js';

/** A question: is `from` done before `to`, because `to` depends on it directly or through others? */
export interface UpstreamQuestion {
  readonly from: number;
  readonly to: number;
}

const bits = 32;

/**
 * Answers many questions at once. 32 starting nodes share one pass over the part of the graph between the first of them and
 * the last node asked about, so that neighbours (the usual case) cost next to nothing. Nodes on or behind a cycle have no
 * order; questions about them are answered with yes, since the cycle is reported already.
 */
export function answerUpstream(graph: PlanGraph, questions: readonly UpstreamQuestion[]): boolean[] {
  const answers = questions.map((question) => quickAnswer(graph, question));
  const open = questions.flatMap((question, index) => (answers[index] === null ? [{ ...question, index }] : []));
  open.sort((a, b) => positionOf(graph, a.from) - positionOf(graph, b.from));
  const masks = new Int32Array(graph.nodes.length);
  for (let next = 0; next < open.length;) {
    const block = takeBlock(open, next);
    spread(graph, block, masks);
    for (const { from, to, index } of block.questions) {
      answers[index] = ((masks[to] ?? 0) & (1 << (block.bitOf.get(from) ?? 0))) !== 0;
    }
    next += block.questions.length;
  }
  return answers.map((answer) => answer ?? false);
}

/** Answers that need no walk; null where one is needed. */
function quickAnswer(graph: PlanGraph, { from, to }: UpstreamQuestion): boolean | null {
  const start = positionOf(graph, from);
  const end = positionOf(graph, to);
  if (from === to) return false;
  if (Math.min(start, end) < 0) return true;
  if (start > end) return false;
  return isDirect(graph.dependencies[to], from) ? true : null;
}

/** Long lists are not looked through for each question; the walk answers all of them at once. */
function isDirect(dependencies: readonly number[] | undefined, from: number): boolean {
  return dependencies !== undefined && dependencies.length <= 16 && dependencies.includes(from);
}

function positionOf(graph: PlanGraph, index: number): number {
  return graph.positions[index] ?? -1;
}

interface OpenQuestion extends UpstreamQuestion {
  readonly index: number;
}

interface Block {
  readonly bitOf: ReadonlyMap<number, number>;
  readonly questions: readonly OpenQuestion[];
}

function takeBlock(open: readonly OpenQuestion[], start: number): Block {
  const bitOf = new Map<number, number>();
  let end = start;
  for (; end < open.length; end++) {
    const from = open[end]?.from ?? -1;
    if (!bitOf.has(from) && bitOf.size === bits) break;
    if (!bitOf.has(from)) bitOf.set(from, bitOf.size);
  }
  return { bitOf, questions: open.slice(start, end) };
}

/** Gives every node between the block's first start and last end the bits of the starts that are upstream of it. */
function spread(graph: PlanGraph, { bitOf, questions }: Block, masks: Int32Array): void {
  const first = positionOf(graph, questions[0]?.from ?? 0);
  const last = questions.reduce((end, { to }) => Math.max(end, positionOf(graph, to)), first);
  for (const index of graph.order.slice(first, last + 1)) {
    const bit = bitOf.get(index);
    const before = graph.dependencies[index] ?? [];
    masks[index] = before.reduce(
      // What stands before the block keeps the bits of blocks before.
      (mask, dependency) => (positionOf(graph, dependency) < first ? mask : mask | (masks[dependency] ?? 0)),
      bit === undefined ? 0 : 1 << bit,
    );
  }
}
