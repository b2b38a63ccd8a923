import type { Bundle, Workflow } from '@m3/artifacts';
import { canonicalDigest } from '@m3/contracts';
import { plannerName } from '../manifest.js';
import type { CallOptions } from '../deadline.js';
import { PlannerCheck } from './answers.js';
import type { GatewayAnswer, GatewayClient } from './gateway-client.js';

export interface PlannerRegistration {
  readonly bundle: Pick<Bundle, 'workflows'>;
  readonly version: string;
}

export type RegistrationResult =
  | { readonly outcome: 'registered'; readonly added: number; readonly already_there: number }
  /** Names are immutable, and these are taken by other plans. */
  | { readonly outcome: 'conflict'; readonly planners: readonly string[] }
  /** This release of Marie does not take plans over HTTP. */
  | { readonly outcome: 'registration_refused'; readonly status: number; readonly planners: readonly string[] };

type Registered = { readonly name: string } & (
  { readonly result: 'added' | 'already_there' | 'conflict' } | { readonly result: 'refused'; readonly status: number }
);

const AT_A_TIME = 8;
/** Statuses that tell of a release which does not take plans, or not this one. */
const REFUSALS: ReadonlySet<number> = new Set([400, 404, 405, 422]);

/**
 * Registers the workflows of a version under their immutable names, a few at a time: one call each, and one more for a
 * name that is taken (to compare the plans). Done again it changes nothing. The registry is not listed first, because it
 * grows with every version and would be sent whole.
 */
export async function registerPlanners(
  gateway: GatewayClient,
  { bundle, version }: PlannerRegistration,
  call: CallOptions,
): Promise<RegistrationResult> {
  const waiting = [...bundle.workflows];
  const done: Registered[] = [];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      done.push(await register(gateway, next, version, call));
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(AT_A_TIME, waiting.length) }, work));
  } finally {
    // After a failure the other workers begin nothing new.
    waiting.length = 0;
  }
  return summary(done);
}

function summary(done: readonly Registered[]): RegistrationResult {
  const names = (result: Registered['result']) =>
    done
      .filter((one) => one.result === result)
      .map(({ name }) => name)
      .sort();
  const conflicts = names('conflict');
  if (conflicts.length > 0) return { outcome: 'conflict', planners: conflicts };
  for (const one of done) {
    if (one.result === 'refused')
      return { outcome: 'registration_refused', status: one.status, planners: names('refused') };
  }
  return { outcome: 'registered', added: names('added').length, already_there: names('already_there').length };
}

async function register(
  gateway: GatewayClient,
  workflow: Workflow,
  version: string,
  call: CallOptions,
): Promise<Registered> {
  const name = plannerName(workflow.name, version);
  const description = workflow.description === undefined ? {} : { description: workflow.description };
  const answer = await gateway.ask({
    method: 'POST',
    // The documented body has the name; some releases read it from the query only and answer 422 without.
    path: `/api/planners?name=${encodeURIComponent(name)}`,
    body: { name, plan: workflow.plan, ...description },
    ...call,
  });
  if (answer.status < 300) return { name, result: 'added' };
  return answer.status === 400
    ? compare(gateway, { name, plan: workflow.plan, refusal: answer }, call)
    : refused(gateway, name, answer);
}

interface Refusal {
  readonly name: string;
  readonly plan: unknown;
  readonly refusal: GatewayAnswer;
}

/** 400 says "taken" and "not a plan" alike: what is registered under the name tells. */
async function compare(
  gateway: GatewayClient,
  { name, plan, refusal }: Refusal,
  call: CallOptions,
): Promise<Registered> {
  const answer = await gateway.ask({ method: 'GET', path: `/api/planners/${encodeURIComponent(name)}`, ...call });
  if (answer.status === 404 || !PlannerCheck.Check(answer.body)) return refused(gateway, name, refusal);
  const registered = answer.body.plan_definition ?? answer.body.plan;
  const same = registered !== undefined && canonicalDigest(registered) === canonicalDigest(plan);
  return { name, result: same ? 'already_there' : 'conflict' };
}

function refused(gateway: GatewayClient, name: string, answer: GatewayAnswer): Registered {
  if (!REFUSALS.has(answer.status)) throw gateway.statusFailure(answer.status);
  return { name, result: 'refused', status: answer.status };
}
