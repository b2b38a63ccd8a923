import type { Faults } from '../faults.js';
import { GatewayError } from '../gateway-error.js';
import { objectIn, textIn, textsIn, type JsonObject } from '../engine/json.js';
import type { NewPlanner, PlannerRegistry } from '../planner-registry.js';
import type { Endpoint, Reply } from './router.js';

const LONGEST_NAME = 300;

/** Marie's planner registry over HTTP. */
export function plannerEndpoints(registry: PlannerRegistry, faults: Faults): readonly Endpoint[] {
  return [
    {
      method: 'GET',
      path: '/api/planners',
      handle: () => {
        const planners = registry.list();
        return { status: 200, body: { planners, total: planners.length } };
      },
    },
    {
      method: 'GET',
      path: '/api/planners/{id}',
      handle: ({ params }) => {
        const planner = registry.get(params.id ?? '');
        if (planner !== undefined) return { status: 200, body: planner };
        return { status: 404, body: { error: `Planner with ID '${params.id}' not found` } };
      },
    },
    {
      method: 'POST',
      path: '/api/planners',
      handle: async ({ json }) => {
        const body = objectIn(await json());
        return faults.current().planners_422 === true ? unprocessable() : register(registry, body);
      },
    },
    {
      method: 'DELETE',
      path: '/api/planners/{id}',
      handle: ({ params }) =>
        registry.remove(params.id ?? '')
          ? { status: 200, body: { success: true, message: 'Planner unregistered successfully' } }
          : { status: 404, body: { success: false, error: `Planner with ID '${params.id}' not found` } },
    },
  ];
}

function register(registry: PlannerRegistry, body: JsonObject): Reply {
  const name = textIn(body.name);
  if (name === undefined || name.length > LONGEST_NAME)
    return failure('A planner needs a name of at most 300 characters');
  try {
    const planner = registry.register(definitionOf(name, body));
    if (planner === undefined) return failure(`Failed to register planner '${name}': the name exists`);
    return {
      status: 201,
      body: { success: true, message: `Planner '${name}' registered successfully`, planner },
    };
  } catch (error) {
    if (error instanceof GatewayError) return failure(`Failed to register planner '${name}'. ${error.message}`);
    throw error;
  }
}

function definitionOf(name: string, body: JsonObject): NewPlanner {
  return {
    name,
    description: textIn(body.description) ?? null,
    version: textIn(body.version) ?? '1.0.0',
    tags: textsIn(body.tags),
    category: textIn(body.category) ?? null,
    plan_definition: body.plan,
  };
}

function failure(error: string): Reply {
  return { status: 400, body: { success: false, error } };
}

/** As the releases of Marie answer that look for the name in the query string. */
function unprocessable(): Reply {
  return { status: 422, body: { detail: [{ type: 'missing', loc: ['query', 'name'], msg: 'Field required' }] } };
}
