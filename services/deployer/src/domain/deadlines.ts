import type { PublishRequest } from './publish.state.js';

/** Bounds of the steps that are not part of the deployment, which has the target's own `timeout_seconds`. */
export const validationSeconds = 60;
export const notificationSeconds = 15;
export const restoreSeconds = 120;
/** For a target to send all new executions to the version before again. */
export const trafficReturnSeconds = 15;
/** For a share of the traffic to be judged, beyond the time that its strategy gives it. */
export const trafficGraceSeconds = 60;
/** For a target to say what is true. */
export const askSeconds = 15;

/** `seconds` after a time; both ISO 8601. */
export function after(now: string, seconds: number): string {
  return new Date(Date.parse(now) + seconds * 1000).toISOString();
}

/** The end of the deployment: counted from the moment it may touch the target, so that waiting uses none of it. */
export function deploymentDeadline(request: PublishRequest, now: string): string {
  return after(now, request.target.timeout_seconds);
}

/** For the answer of the gates to come after the last moment for an override. */
const overrideGraceSeconds = 60;

/** When the gates have to have results, and how long the publish waits: longer where people may override a gate. */
export function gatingDeadlines(
  request: PublishRequest,
  now: string,
): { readonly deadline_at: string; readonly results_by?: string } {
  const results_by = deploymentDeadline(request, now);
  const override = request.target.gates?.override;
  if (!override) return { deadline_at: results_by };
  return { results_by, deadline_at: after(results_by, override.wait_minutes * 60 + overrideGraceSeconds) };
}
