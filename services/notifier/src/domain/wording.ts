import type { NotificationPayload } from './payload.js';

/** How a notification reads where people read it. */

/** One line: `EMERGENCY: publish failed: invoice-pipeline v1.3.0 to Production US East (production)`. */
export function headline({ type, data }: NotificationPayload): string {
  const what = type.replaceAll(/[._]/g, ' ');
  const subject = data.subject === undefined ? [] : [subjectText(data.subject)];
  return oneLine([...(data.emergency === true ? ['EMERGENCY'] : []), what, ...subject].join(': '));
}

function subjectText({
  project,
  version,
  target_name,
  environment,
}: NonNullable<NotificationPayload['data']['subject']>) {
  const where = target_name === undefined ? '' : ` to ${target_name}`;
  return `${project} ${version}${where}${environment === undefined ? '' : ` (${environment})`}`;
}

/** Links that can be followed: without a public address they are paths, which lead nowhere from a message. */
export function followable({ data }: NotificationPayload): readonly (readonly [name: string, url: string])[] {
  return Object.entries(data.links ?? {}).filter(([, url]) => /^https?:/.test(url));
}

/** Without line breaks and control characters, which would begin something new in a header. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ');
}

/** At most so many characters; none is cut in two. */
export function atMost(length: number, text: string): string {
  const characters = [...text];
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`;
}
