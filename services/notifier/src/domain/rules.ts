import type { ChannelRule } from '@m3/contracts';
import type { NotificationPayload } from './payload.js';

/** Whether a channel with these rules is told of it: any rule is enough, and a channel without rules hears everything. */
export function concerns(rules: readonly ChannelRule[], payload: NotificationPayload): boolean {
  return rules.length === 0 || rules.some((rule) => takes(rule, payload));
}

function takes({ events, environments, targets }: ChannelRule, { type, data }: NotificationPayload): boolean {
  const { environment, target_id, target_name } = data.subject ?? {};
  return (
    (events === undefined || events.some((pattern) => fits(pattern, type))) &&
    among(environments, [environment]) &&
    among(targets, [target_id, target_name])
  );
}

function fits(pattern: string, type: string): boolean {
  if (pattern === '*') return true;
  return pattern.endsWith('.*') ? type.startsWith(pattern.slice(0, -1)) : type === pattern;
}

function among(allowed: readonly string[] | undefined, names: readonly (string | undefined)[]): boolean {
  return allowed === undefined || names.some((name) => name !== undefined && allowed.includes(name));
}
