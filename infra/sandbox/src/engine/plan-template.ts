import { randomUUID } from 'node:crypto';
import type { QueryPlan } from '@m3/artifacts';
import { toGraph, type PlanGraph } from './plan-graph.js';

/** A plan with task ids of its own for one run. */
export interface PlanInstance {
  /** From the plan's task id to the run's. */
  readonly ids: ReadonlyMap<string, string>;
  /** The nodes as a JSON array, with every task id replaced: dependencies, paths and JSONPath references too. */
  readonly nodesJson: string;
}

/** A plan ready to be run any number of times. */
export interface PlanTemplate {
  readonly graph: PlanGraph;
  instantiate(): PlanInstance;
}

const UUID = /([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})/;

/** Prepares a plan once, so that a run only has to join strings. @throws UnorderablePlanError */
export function toTemplate(plan: QueryPlan): PlanTemplate {
  const graph = toGraph(plan);
  const pieces = JSON.stringify(plan.nodes).split(UUID);
  return {
    graph,
    instantiate() {
      const ids = new Map(graph.nodes.map((node) => [node.id, randomUUID()]));
      return { ids, nodesJson: pieces.map((piece) => ids.get(piece) ?? piece).join('') };
    },
  };
}
