import { toTemplate, type PlanTemplate } from './engine/plan-template.js';
import { parsePlan } from './target/parse-plan.js';

/** A registered planner as Marie describes it. */
export interface Planner {
  readonly planner_id: string;
  readonly name: string;
  readonly description: string | null;
  readonly version: string;
  readonly tags: readonly string[];
  readonly category: string | null;
  readonly source_type: 'json';
  readonly source_module: null;
  readonly plan_definition: unknown;
  readonly created_at: string;
  readonly updated_at: string;
}

export type NewPlanner = Pick<Planner, 'name' | 'description' | 'version' | 'tags' | 'category' | 'plan_definition'>;

interface Entry {
  readonly about: Omit<Planner, 'plan_definition'>;
  /** As text: plans pile up here for as long as the process lives, and few of them are ever looked at again. */
  readonly plan: string;
}

/** Planners in process memory, as in Marie: a restart loses them. */
export class PlannerRegistry {
  private readonly entries = new Map<string, Entry>();

  /** `undefined` when the name is taken. @throws GatewayError `plan_not_valid` */
  register({ plan_definition, ...definition }: NewPlanner): Planner | undefined {
    if (this.entries.has(definition.name)) return undefined;
    const plan = JSON.stringify(parsePlan(plan_definition));
    const now = new Date().toISOString();
    const fixed = { planner_id: definition.name, source_type: 'json', source_module: null } as const;
    const about = { ...definition, ...fixed, created_at: now, updated_at: now };
    this.entries.set(definition.name, { about, plan });
    return { ...about, plan_definition };
  }

  list(): readonly Planner[] {
    return [...this.entries.values()].map(toPlanner);
  }

  get(name: string): Planner | undefined {
    const entry = this.entries.get(name);
    return entry === undefined ? undefined : toPlanner(entry);
  }

  /** The planner's plan, ready to be run. */
  template(name: string): PlanTemplate | undefined {
    const planner = this.get(name);
    return planner === undefined ? undefined : toTemplate(parsePlan(planner.plan_definition));
  }

  /** False when there is no such planner. */
  remove(name: string): boolean {
    return this.entries.delete(name);
  }

  clear(): void {
    this.entries.clear();
  }
}

function toPlanner({ about, plan }: Entry): Planner {
  return { ...about, plan_definition: JSON.parse(plan) };
}
