import { hash } from 'node:crypto';
import type { Pool } from 'pg';
import { escapeIdentifier } from 'pg';
import { errorCode } from '../error-code.js';
import { GatewayError } from '../gateway-error.js';
import { toTemplate, type PlanTemplate } from '../engine/plan-template.js';
import { parsePlan } from './parse-plan.js';

export interface Route {
  readonly version: string;
  readonly weight: number;
}

/** Which versions new executions go to. */
export interface Routing {
  readonly activeVersion: string | null;
  readonly routes: readonly Route[];
}

interface SchemaCache {
  readonly routing: Promise<Routing>;
  readonly templates: Map<string, Promise<PlanTemplate>>;
}

const MOST_TEMPLATES = 200;
/** Plans that were prepared, whichever schema and version they are of. */
const MOST_PREPARED = 50;

/**
 * What the target database says about one schema: pointer, routes and plans. All of it is cached until
 * {@link TargetReleases.invalidate}; what could not be read is not.
 */
export class TargetReleases {
  private readonly caches = new Map<string, SchemaCache>();
  private readonly prepared = new Map<string, PlanTemplate>();

  constructor(private readonly pool: Pool) {}

  routing(schema: string): Promise<Routing> {
    return this.cache(schema).routing;
  }

  /** The plan of a workflow. @throws GatewayError `workflow_not_found`, `version_not_found`, `plan_not_valid` */
  template(schema: string, workflow: string, version: string): Promise<PlanTemplate> {
    const { templates } = this.cache(schema);
    const key = JSON.stringify([workflow, version]);
    const known = templates.get(key);
    if (known !== undefined) return known;
    const template = this.readTemplate(schema, workflow, version);
    keep(templates, key, template, MOST_TEMPLATES);
    template.catch(() => templates.delete(key));
    return template;
  }

  /** Forgets the schema and reads its pointer and routes again; plans are read again when they are next run. */
  invalidate(schema: string): Promise<Routing> {
    this.caches.delete(schema);
    return this.routing(schema);
  }

  private cache(schema: string): SchemaCache {
    const known = this.caches.get(schema);
    if (known !== undefined) return known;
    const cache = { routing: this.readRouting(schema), templates: new Map<string, Promise<PlanTemplate>>() };
    this.caches.set(schema, cache);
    cache.routing.catch(() => {
      if (this.caches.get(schema) === cache) this.caches.delete(schema);
    });
    return cache;
  }

  private async readRouting(schema: string): Promise<Routing> {
    const quoted = escapeIdentifier(schema);
    const { rows } = await this.pool
      .query<{ active: string | null; routes: Route[] }>({
        ...kept('routing', schema),
        text: `select (select version from ${quoted}.active_release) as active,
           (select coalesce(json_agg(json_build_object('version', version, 'weight', weight) order by version), '[]')
              from ${quoted}.traffic_route) as routes`,
      })
      .catch(orSchemaNotFound(schema));
    return { activeVersion: rows[0]?.active ?? null, routes: rows[0]?.routes ?? [] };
  }

  private async readTemplate(schema: string, workflow: string, version: string): Promise<PlanTemplate> {
    const quoted = escapeIdentifier(schema);
    const { rows } = await this.pool
      .query<{ plan: string | null; released: boolean }>({
        ...kept('plan', schema),
        text: `select (select plan::text from ${quoted}.workflow_definition where name = $1 and version = $2) as plan,
           exists (select from ${quoted}.release where version = $2) as released`,
        values: [workflow, version],
      })
      .catch(orSchemaNotFound(schema));
    const [found] = rows;
    if (found?.released !== true) throw versionNotFound(version);
    if (found.plan === null) {
      throw new GatewayError(404, 'workflow_not_found', `Version ${version} has no workflow "${workflow}".`);
    }
    return this.prepare(found.plan);
  }

  /** A plan that did not change from one version to the next, or is the same on many targets, is prepared once. */
  private prepare(plan: string): PlanTemplate {
    const key = hash('sha256', plan, 'hex');
    const known = this.prepared.get(key);
    if (known !== undefined) return known;
    const template = toTemplate(parsePlan(JSON.parse(plan)));
    keep(this.prepared, key, template, MOST_PREPARED);
    return template;
  }
}

/** Makes room for one more by leaving out the oldest. */
function keep<Value>(map: Map<string, Value>, key: string, value: Value, most: number): void {
  const [oldest] = map.keys();
  if (map.size >= most && oldest !== undefined) map.delete(oldest);
  map.set(key, value);
}

/** Planning takes longer than running, so sessions keep the plan, under a name that the server reads 63 bytes of. */
function kept(what: string, schema: string): { readonly name?: string } {
  return schema.length < 50 ? { name: `${what} of ${schema}` } : {};
}

function versionNotFound(version: string): GatewayError {
  return new GatewayError(404, 'version_not_found', `There is no version ${version} in this schema.`);
}

function orSchemaNotFound(schema: string): (error: unknown) => never {
  return (error) => {
    if (!['42P01', '3F000'].includes(errorCode(error))) throw error;
    throw new GatewayError(404, 'schema_not_found', `Schema "${schema}" is not there or was not initialised.`);
  };
}
