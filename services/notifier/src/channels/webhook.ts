import { Type } from '@sinclair/typebox';
import { Webhook } from 'standardwebhooks';
import { defineChannelKind } from './channel.js';
import { postJson } from './post-json.js';

/** A signed webhook (Standard Webhooks): the payload as it is, under an id that tells repeats. */
export const webhook = defineChannelKind({
  kind: 'webhook',
  settings: Type.Object(
    { url: Type.String({ pattern: '^https?://' }), secret: Type.String({ pattern: '^whsec_[A-Za-z0-9+/=]{8,}$' }) },
    { additionalProperties: false },
  ),
  open: ({ url, secret }, { http }) => {
    const signer = new Webhook(secret);
    return {
      send: ({ id, payload, now }) => {
        const body = JSON.stringify(payload);
        const headers = {
          'webhook-id': id,
          'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
          'webhook-signature': signer.sign(id, now, body),
        };
        return postJson(http, { url, now, body, headers });
      },
    };
  },
});
