import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Webhook } from 'standardwebhooks';

/** A webhook as the notifier is told of it. */
export interface WebhookChannel {
  readonly name: string;
  readonly url: string;
  /** `whsec_…` */
  readonly secret: string;
}

/** A webhook that arrived, with a signature that holds. */
export interface ReceivedWebhook {
  /** The same for each attempt to deliver one notification. */
  readonly id: string;
  readonly payload: unknown;
}

export interface WebhookReceiver {
  readonly channel: WebhookChannel;
  /** Everything that was received, repeats too, in order. */
  readonly received: readonly ReceivedWebhook[];
  close(): Promise<void>;
}

export interface WebhookReceiverOptions {
  readonly name: string;
  readonly secret: string;
  /** Default: any free port. */
  readonly port?: number;
  /** The status to answer with; default 204. For tests of repeats. */
  readonly answer?: (webhook: ReceivedWebhook) => number;
}

const MAX_BODY_BYTES = 1024 * 1024;

/** An endpoint on 127.0.0.1 that takes signed webhooks (Standard Webhooks), and refuses others with 401. */
export async function startWebhookReceiver(options: WebhookReceiverOptions): Promise<WebhookReceiver> {
  const verifier = new Webhook(options.secret);
  const received: ReceivedWebhook[] = [];
  const server = createServer((request, response) => {
    receive(request, verifier).then(
      (webhook) => {
        received.push(webhook);
        answer(response, options.answer?.(webhook) ?? 204);
      },
      () => answer(response, 401),
    );
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', () => {
      const address = server.address();
      if (typeof address === 'object' && address !== null) resolve(address.port);
    });
  });
  server.unref();
  return {
    channel: { name: options.name, url: `http://127.0.0.1:${port}/`, secret: options.secret },
    received,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** @throws when the signature does not hold */
async function receive(request: IncomingMessage, verifier: Webhook): Promise<ReceivedWebhook> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new Error('too large');
    chunks.push(chunk);
  }
  const header = (name: string) => String(request.headers[name] ?? '');
  const id = header('webhook-id');
  const signed = {
    'webhook-id': id,
    'webhook-timestamp': header('webhook-timestamp'),
    'webhook-signature': header('webhook-signature'),
  };
  return { id, payload: verifier.verify(Buffer.concat(chunks).toString('utf8'), signed) };
}

function answer(response: ServerResponse, status: number): void {
  response.writeHead(status).end();
}
