import type { Environment } from '@m3/service-kit';
import { SettingError } from '@m3/service-kit';

/** A webhook that is told of publishes; signed as Standard Webhooks ask. */
export interface WebhookChannel {
  readonly name: string;
  readonly url: string;
  /** `whsec_…` (base64) */
  readonly secret: string;
}

export interface NotifierConfig {
  readonly webhooks: readonly WebhookChannel[];
  readonly allowedAddresses: readonly string[];
}

export function readConfig(environment: Environment): NotifierConfig {
  return Object.freeze({
    webhooks: readWebhooks(environment.text('WEBHOOKS', '[]')),
    allowedAddresses: environment.list('ALLOWED_ADDRESSES'),
  });
}

function readWebhooks(text: string): readonly WebhookChannel[] {
  const wrong = new SettingError(
    'WEBHOOKS must be a JSON list like [{"name":"releases","url":"https://…","secret":"whsec_…"}]',
  );
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    throw wrong;
  }
  if (!Array.isArray(list) || !list.every(isWebhook)) throw wrong;
  return list;
}

function isWebhook(value: unknown): value is WebhookChannel {
  if (typeof value !== 'object' || value === null) return false;
  return ['name', 'url', 'secret'].every((field) => typeof Reflect.get(value, field) === 'string');
}
