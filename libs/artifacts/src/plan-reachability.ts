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
  const position = (index: number): number => graph.positions[index] ?? -1;
  open.sort((a, b) => position(a.from) - position(b.from));
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

function quickAnswer(graph: PlanGraph, { from, to }: UpstreamQuestion): boolean | null {
  const [start, end] = [graph.positions[from] ?? -1, graph.positions[to] ?? -1];
  if (from === to) return false;
  if (start < 0 || end < 0) return true;
  if (start > end) return false;
  return graph.dependencies[to]?.includes(from) === true ? true : null;
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
  const position = (index: number): number => graph.positions[index] ?? 0;
  const first = position(questions[0]?.from ?? 0);
  const last = questions.reduce((end, { to }) => Math.max(end, position(to)), first);
  for (let at = first; at <= last; at++) {
    const index = graph.order[at] ?? 0;
    const bit = bitOf.get(index);
    let mask = bit === undefined ? 0 : 1 << bit;
    for (const dependency of graph.dependencies[index] ?? []) {
      if (position(dependency) >= first) mask |= masks[dependency] ?? 0;
    }
    masks[index] = mask;
  }
}
