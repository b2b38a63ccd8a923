import { readPlan, type QueryPlan } from '@m3/artifacts';
import { GatewayError } from '../gateway-error.js';

/** A query plan as somebody sent or stored it. @throws GatewayError 422 `plan_not_valid` with the first finding. */
export function parsePlan(value: unknown): QueryPlan {
  const reading = readPlan(value);
  if (reading.ok) return reading.plan;
  const [finding] = reading.findings;
  throw new GatewayError(422, 'plan_not_valid', `The plan cannot be run. ${finding?.message ?? ''}`.trim());
}
