import { Type } from '@sinclair/typebox';
import { createTransport, type SMTPSentMessageInfo } from 'nodemailer';
import type { Try } from '../domain/delivery.js';
import type { NotificationPayload } from '../domain/payload.js';
import { atMost, followable, headline } from '../domain/wording.js';
import { defineChannelKind, type Message } from './channel.js';

const timeouts = { connectionTimeout: 5_000, greetingTimeout: 5_000, socketTimeout: 10_000, dnsTimeout: 5_000 };
const Address = Type.String({ pattern: '^[^@\\s<>]+@[^@\\s<>]+$', maxLength: 320 });

/** Mail by SMTP, to one or several people at once. */
export const email = defineChannelKind({
  kind: 'email',
  settings: Type.Object(
    {
      host: Type.String({ minLength: 1 }),
      port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535 })),
      /** `required`: not without encryption (default). `implicit`: from the first byte (port 465). `none`: for servers on the same machine. */
      tls: Type.Optional(Type.Union([Type.Literal('required'), Type.Literal('implicit'), Type.Literal('none')])),
      user: Type.Optional(Type.String()),
      password: Type.Optional(Type.String()),
      from: Address,
      to: Type.Array(Address, { minItems: 1, maxItems: 100 }),
    },
    { additionalProperties: false },
  ),
  open: ({ host, port, tls = 'required', user, password = '', from, to }) => {
    const transport = createTransport({
      ...{ host, port, ...timeouts, disableFileAccess: true, disableUrlAccess: true },
      ...{ secure: tls === 'implicit', requireTLS: tls === 'required', ignoreTLS: tls === 'none' },
      ...(user === undefined ? {} : { auth: { user, pass: password } }),
    });
    return {
      send: (message) => transport.sendMail({ from, to, ...mailOf(message) }).then(taken, notTaken),
    };
  },
});

/** The id of the notification is the mail's: servers and readers drop repeats. Mails about one publish stand together. */
function mailOf({ id, payload }: Message) {
  const { publish_id } = payload.data;
  return {
    messageId: `<${id}@m3-publish>`,
    ...(publish_id === null ? {} : { references: `<${publish_id}@m3-publish>` }),
    subject: atMost(250, headline(payload)),
    text: textOf(payload),
    headers: { 'Auto-Submitted': 'auto-generated' },
  };
}

function textOf(payload: NotificationPayload): string {
  const links = followable(payload).map(([name, url]) => `${name}: ${url}`);
  return [headline(payload), '', payload.data.message, '', ...links, payload.timestamp, ''].join('\n');
}

/** Sent when one of the readers could be reached: sending again would tell the others twice. */
function taken({ rejected }: SMTPSentMessageInfo): Try {
  return rejected.length === 0
    ? { outcome: 'delivered' }
    : { outcome: 'delivered', reason: `not taken for ${rejected.join(', ')}` };
}

/** What is about the mail itself: its sender and readers, or its text. All else may be different next time. */
const aboutMail: ReadonlySet<string> = new Set(['EENVELOPE', 'EMESSAGE']);

/** 5xx is for good when it is about the mail, and not about a sign-in or encryption, which settings mend. */
function notTaken(error: unknown): Try {
  const { code, responseCode } = faultOf(error);
  const reason = `${code}${responseCode === null ? '' : ` (SMTP ${responseCode})`}`;
  const forGood = responseCode !== null && responseCode >= 500 && aboutMail.has(code);
  return { outcome: forGood ? 'refused' : 'failed', reason };
}

/** @throws what is no failure of sending */
function faultOf(error: unknown): { readonly code: string; readonly responseCode: number | null } {
  const of = (field: string): unknown =>
    typeof error === 'object' && error !== null ? Reflect.get(error, field) : undefined;
  const [code, responseCode] = [of('code'), of('responseCode')];
  if (typeof code !== 'string') throw error;
  return { code, responseCode: typeof responseCode === 'number' ? responseCode : null };
}
