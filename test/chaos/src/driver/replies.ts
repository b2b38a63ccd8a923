/** What is taken from replies of the API, as a client of another team would take it. */

type Json = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Ids of the publishes that a reply to a tag (ids) or to a request (one entry a target) says have begun. */
export function publishesIn(reply: unknown): readonly string[] {
  if (!isObject(reply) || !Array.isArray(reply['publishes'])) return [];
  const entries: readonly unknown[] = reply['publishes'];
  const ids = entries.map((entry) => (isObject(entry) ? entry['publish_id'] : entry));
  return ids.filter((id) => typeof id === 'string');
}

/** Ids of the approvals that wait for votes, newest first. */
export function openApprovals(items: readonly unknown[]): readonly string[] {
  const open = items.filter(isObject).filter(({ status }) => status === 'open');
  return open.map(({ approval_id }) => approval_id).filter((id) => typeof id === 'string');
}

/** Names of the targets that somebody, or a rollback, holds. */
export function heldTargets(items: readonly unknown[]): readonly string[] {
  const held = items.filter(isObject).filter(({ status }) => status === 'held');
  return held.map(({ name }) => name).filter((name) => typeof name === 'string');
}

/** The stable code of a problem document. */
export function codeOf(reply: unknown): string {
  const code = isObject(reply) ? reply['code'] : undefined;
  return typeof code === 'string' ? code : 'no code';
}
