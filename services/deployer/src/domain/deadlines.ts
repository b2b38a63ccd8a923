import type { PublishRequest } from './publish.state.js';

/** Bounds of the steps that are not part of the deployment, which has the target's own `timeout_seconds`. */
export const validationSeconds = 60;
export const notificationSeconds = 15;
export const restoreSeconds = 120;

/** `seconds` after a time; both ISO 8601. */
export function after(now: string, seconds: number): string {
  return new Date(Date.parse(now) + seconds * 1000).toISOString();
}

/** The end of the deployment: counted from the moment it may touch the target, so that waiting uses none of it. */
export function deploymentDeadline(request: PublishRequest, now: string): string {
  return after(now, request.target.timeout_seconds);
}
