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

/** Planners in process memory, as in Marie: a restart loses them. */
export class PlannerRegistry {
  private readonly planners = new Map<string, { readonly planner: Planner; readonly template: PlanTemplate }>();

  /** `undefined` when the name is taken. @throws GatewayError `plan_not_valid` */
  register(definition: NewPlanner): Planner | undefined {
    if (this.planners.has(definition.name)) return undefined;
    const template = toTemplate(parsePlan(definition.plan_definition));
    const now = new Date().toISOString();
    const fixed = { planner_id: definition.name, source_type: 'json', source_module: null } as const;
    const planner = { ...definition, ...fixed, created_at: now, updated_at: now };
    this.planners.set(definition.name, { planner, template });
    return planner;
  }

  list(): readonly Planner[] {
    return [...this.planners.values()].map(({ planner }) => planner);
  }

  get(name: string): Planner | undefined {
    return this.planners.get(name)?.planner;
  }

  template(name: string): PlanTemplate | undefined {
    return this.planners.get(name)?.template;
  }

  /** False when there is no such planner. */
  remove(name: string): boolean {
    return this.planners.delete(name);
  }

  clear(): void {
    this.planners.clear();
  }
}
