import { HttpRequestError, type GuardedHttp } from '@m3/target-environment';
import { Webhook } from 'standardwebhooks';
import type { WebhookChannel } from '../config.js';
import type { Try } from '../domain/delivery.js';

const timeoutMs = 5_000;
/** Answers that may be different next time (RFC 9110). */
const retryable = (status: number): boolean => status === 408 || status === 429 || status >= 500;

export interface WebhookMessage {
  /** Stable over all attempts: receivers tell repeats by it. */
  readonly id: string;
  readonly payload: object;
  readonly now: Date;
}

/** Sends one signed webhook (Standard Webhooks). Only 2xx counts as delivered. */
export async function sendWebhook(
  http: GuardedHttp,
  channel: WebhookChannel,
  { id, payload, now }: WebhookMessage,
): Promise<Try> {
  const body = JSON.stringify(payload);
  const headers = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
    'webhook-signature': new Webhook(channel.secret).sign(id, now, body),
  };
  try {
    const { status } = await http.request({ method: 'POST', url: channel.url, headers, body, timeoutMs });
    if (status >= 200 && status < 300) return { outcome: 'delivered' };
    return { outcome: retryable(status) ? 'failed' : 'refused', reason: `HTTP ${status}` };
  } catch (error) {
    if (error instanceof HttpRequestError) return { outcome: 'failed', reason: error.message };
    throw error;
  }
}
