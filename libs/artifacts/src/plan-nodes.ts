import { Type } from '@sinclair/typebox';
import { readable } from './findings.js';
import { checker, type SchemaBreach } from './json-schema.js';
import { isRecord } from './json-document.js';
import type { NodeDefinition, SchedulableMethod } from './node-definitions.js';
import { isSchedulable, methodKnowledge, mismatch, ruleOfBreach } from './plan-methods.js';
import type { PlanPlace, PlanReport } from './plan-report.js';
import { Definition, type NodeType, nodeTypes, uuidPattern } from './plan.js';

/** A node as far as it could be read: what is missing or malformed is null or empty, and was reported. */
export interface ReadNode extends PlanPlace {
  readonly id: string | null;
  readonly title: string;
  /** Null when there is no list of task ids: it is then unknown where the node stands in the graph. */
  readonly dependencies: readonly string[] | null;
  readonly nodeType: NodeType | null;
  readonly definition: NodeDefinition | null;
  readonly raw: Readonly<Record<string, unknown>>;
}

const uuid = new RegExp(uuidPattern);
const definitions = checker(Definition);
const dependencyLists = checker(Type.Array(Type.String()));

/** Reads the nodes of a plan one by one and reports what is wrong with each by itself. */
export function readNodes(nodes: readonly unknown[], report: PlanReport): ReadNode[] {
  const ids = new Map<string, number>();
  return nodes.map((raw, index) => {
    const node = readNode(raw, index, report);
    if (node.id !== null) {
      // Two ids that differ only in case are one UUID to the database.
      const first = ids.get(node.id.toLowerCase());
      if (first === undefined) ids.set(node.id.toLowerCase(), index);
      else
        report.add(
          'plan.duplicate_task_id',
          `Nodes ${first} and ${index} have the same task id.`,
          inside(node, '/task_id'),
        );
    }
    return node;
  });
}

function readNode(raw: unknown, index: number, report: PlanReport): ReadNode {
  if (!isRecord(raw)) {
    report.add('plan.schema', 'A node is a JSON object.', { index });
    return { index, id: null, title: '', dependencies: null, nodeType: null, definition: null, raw: {} };
  }
  const id = typeof raw['task_id'] === 'string' ? raw['task_id'] : null;
  const place = { index, id };
  checkTaskId(place, report);
  const title = readTitle(raw['query_str'], place, report);
  const nodeType = readNodeType(raw['node_type'], place, report);
  const definition = readDefinition(raw['definition'], place, report);
  const dependencies = readDependencies(raw['dependencies'], place, report);
  const wrong = nodeType && definition ? mismatch(nodeType, definition.method) : null;
  if (wrong) {
    report.add('plan.type_method_mismatch', `The node contradicts itself: ${wrong}.`, inside(place, '/node_type'));
  }
  return { ...place, title, dependencies, nodeType, definition, raw };
}

function checkTaskId(place: { index: number; id: string | null }, report: PlanReport): void {
  const { id } = place;
  if (id !== null && uuid.test(id)) return;
  const given = id === null ? 'The node has no task id' : `"${readable(id)}" is not a UUID`;
  report.add('plan.invalid_task_id', `${given}.`, inside(place, '/task_id'));
}

function readTitle(value: unknown, place: PlanPlace, report: PlanReport): string {
  if (typeof value === 'string') return value;
  report.add('plan.schema', 'query_str must be a text.', inside(place, '/query_str'));
  return '';
}

function readNodeType(value: unknown, place: PlanPlace, report: PlanReport): NodeType | null {
  const known = nodeTypes.find((type) => type === value);
  if (known) return known;
  const given = typeof value === 'string' ? `"${readable(value)}" is not a node type` : 'The node has no node_type';
  report.add('plan.unknown_node_type', `${given}.`, inside(place, '/node_type'));
  return null;
}

function readDependencies(value: unknown, place: PlanPlace, report: PlanReport): readonly string[] | null {
  if (dependencyLists.is(value)) return value;
  report.add('plan.schema', 'dependencies must be a list of task ids.', inside(place, '/dependencies'));
  return null;
}

function readDefinition(value: unknown, place: PlanPlace, report: PlanReport): NodeDefinition | null {
  if (!isRecord(value)) {
    report.add('plan.schema', 'The node has no definition.', inside(place, '/definition'));
    return null;
  }
  const method = value['method'];
  if (typeof method !== 'string' || !isSchedulable(method)) {
    reportMethod(method, place, report);
    return null;
  }
  if (definitions.is(value)) return value;
  const breach = definitions.breach(value);
  if (breach) reportBreach(method, breach, place, report);
  return null;
}

function reportBreach(method: SchedulableMethod, breach: SchemaBreach, place: PlanPlace, report: PlanReport): void {
  const where = readable(breach.field ?? breach.path.slice(1)) || 'definition';
  const what = breach.field === undefined ? breach.reason : 'is missing';
  const text = `The ${method} node is incomplete or malformed: ${where} ${what}.`;
  report.add(ruleOfBreach(method, breach), text, inside(place, `/definition${breach.path}`));
}

function reportMethod(method: unknown, place: PlanPlace, report: PlanReport): void {
  const at = inside(place, '/definition/method');
  if (typeof method !== 'string') return report.add('plan.unknown_method', 'The definition names no method.', at);
  const knowledge = methodKnowledge(method);
  const name = readable(method);
  if (knowledge.kind === 'not_schedulable') {
    report.add(
      'plan.not_schedulable',
      `Marie knows ${name}, but its scheduler cannot run it: ${knowledge.reason}.`,
      at,
    );
  } else report.add('plan.unknown_method', `"${name}" is not a method that Marie knows.`, at);
}

function inside(place: PlanPlace, pointer: string): PlanPlace {
  return { index: place.index, id: place.id ?? null, inside: pointer };
}
