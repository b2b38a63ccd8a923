import { Type } from '@sinclair/typebox';
import type { NotificationPayload } from '../domain/payload.js';
import { atMost, followable, headline } from '../domain/wording.js';
import { defineChannelKind, type Message } from './channel.js';
import { postJson } from './post-json.js';

/** What Slack takes. */
const maxText = 3_000;
const maxBlocks = 50;

/** An incoming webhook of Slack; its address is its secret. */
export const slack = defineChannelKind({
  kind: 'slack',
  settings: Type.Object({ url: Type.String({ pattern: '^https?://' }) }, { additionalProperties: false }),
  open: ({ url }, { http }) => ({
    send: (message) => postJson(http, { url, now: message.now, body: JSON.stringify(slackMessage(message)) }),
  }),
});

/** Headline, text in as many blocks as it needs, links, and the id that tells repeats. */
export function slackMessage({ id, payload }: Pick<Message, 'id' | 'payload'>): object {
  const title = escaped(atMost(500, headline(payload)));
  const texts = pieces(payload.data.message).map(section);
  return {
    text: title,
    blocks: [
      section(`*${title}*`),
      ...texts.slice(0, maxBlocks - 2),
      { type: 'context', elements: [markdown([...linkTexts(payload), id].join(' · '))] },
    ],
  };
}

const markdown = (text: string) => ({ type: 'mrkdwn', text, verbatim: true });
const section = (text: string) => ({ type: 'section', text: markdown(text) });

function linkTexts(payload: NotificationPayload): readonly string[] {
  return followable(payload).map(([name, url]) => `<${escaped(url)}|${escaped(name)}>`);
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
/** So that no text becomes a link, or calls a whole channel. */
const escaped = (text: string): string => text.replaceAll(/[&<>]/g, (sign) => entities[sign] ?? sign);

/** Escaped, in parts that each fit into a block; no sign is cut in two. */
function pieces(text: string): readonly string[] {
  const parts: string[] = [];
  let part = '';
  for (const character of text) {
    const next = escaped(character);
    if (part.length + next.length > maxText) {
      parts.push(part);
      part = '';
    }
    part += next;
  }
  return part === '' ? parts : [...parts, part];
}
