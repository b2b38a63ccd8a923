import { Type } from '@sinclair/typebox';
import type { Try } from '../domain/delivery.js';
import type { NotificationPayload } from '../domain/payload.js';
import { alertsAbout, isChange, type Alert } from '../domain/paging.js';
import { atMost, followable, headline } from '../domain/wording.js';
import { defineChannelKind, type Message } from './channel.js';
import { postJson } from './post-json.js';

const client = 'M3 Forge Publishing';
/** What PagerDuty takes. */
const maxSummary = 1024;

/** PagerDuty (Events API v2): alerts for what somebody has to get up for, change events for what was published. */
export const pagerduty = defineChannelKind({
  kind: 'pagerduty',
  settings: Type.Object(
    {
      /** The integration key of a service in PagerDuty. */
      routing_key: Type.String({ pattern: '^[A-Za-z0-9]{32}$' }),
      /** Accounts in the EU have another one. */
      url: Type.Optional(Type.String({ pattern: '^https?://[^/]+$' })),
    },
    { additionalProperties: false },
  ),
  open: ({ routing_key, url = 'https://events.pagerduty.com' }, { http }) => {
    const post = ({ now }: Message, path: string, event: object): Promise<Try> =>
      postJson(http, { url: `${url}${path}`, now, body: JSON.stringify({ routing_key, ...event }) });
    return {
      takes: (payload) => isChange(payload) || alertsAbout(payload).length > 0,
      /** All of it again when one was not taken: PagerDuty tells alerts by their key, and resolving twice changes nothing. */
      send: async (message) => {
        for (const alert of alertsAbout(message.payload)) {
          const tried = await post(message, '/v2/enqueue', alertEvent(message, alert));
          if (tried.outcome !== 'delivered') return tried;
        }
        return isChange(message.payload)
          ? post(message, '/v2/change/enqueue', changeEvent(message))
          : { outcome: 'delivered' };
      },
    };
  },
});

function alertEvent(message: Message, { action, key, severity }: Alert): object {
  const event = { event_action: action, dedup_key: key };
  if (action === 'resolve') return event;
  const { payload } = message;
  const publish = payload.data.links?.['publish'];
  return {
    ...event,
    payload: { ...described(message), severity, component: payload.data.subject?.project, class: payload.type },
    ...{ client, client_url: publish?.startsWith('http') === true ? publish : undefined, links: linksOf(payload) },
  };
}

function changeEvent(message: Message): object {
  return { payload: described(message), links: linksOf(message.payload) };
}

function described({ id, payload }: Message): object {
  const { subject, publish_id, message } = payload.data;
  const { project, version, target_name, environment } = subject ?? {};
  return {
    summary: atMost(maxSummary, `${headline(payload)}: ${message}`),
    source: target_name ?? client,
    timestamp: payload.timestamp,
    custom_details: { notification_id: id, publish_id, message, project, version, target_name, environment },
  };
}

function linksOf(payload: NotificationPayload): object[] {
  return followable(payload).map(([text, href]) => ({ href, text }));
}
