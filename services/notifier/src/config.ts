import { SettingError, type Environment } from '@m3/service-kit';

/** Settings of the notifier beside those of every service. */
export interface NotifierConfig {
  /** What the settings say about channels, unchecked. */
  readonly channels: readonly unknown[];
  readonly publicUrl: string | null;
  readonly allowedAddresses: readonly string[];
  /** How late something may be before somebody is told. */
  readonly overdueAfterSeconds: number;
}

/** @throws SettingError */
export function readConfig(environment: Environment): NotifierConfig {
  const webhooks = listIn('WEBHOOKS', environment).map((entry) =>
    isObject(entry) ? { kind: 'webhook', ...entry } : entry,
  );
  return {
    channels: [...webhooks, ...listIn('CHANNELS', environment)],
    publicUrl: publicUrlOf(environment.optional('PUBLIC_URL')),
    allowedAddresses: environment.list('ALLOWED_ADDRESSES'),
    overdueAfterSeconds: environment.number('OVERDUE_AFTER_SECONDS', 30),
  };
}

function listIn(name: string, environment: Environment): readonly unknown[] {
  const list = parsed(environment.text(name, '[]'));
  if (!Array.isArray(list)) throw new SettingError(`${name} must be a JSON list; see the README of the notifier`);
  return list;
}

/** The fault is not passed on: it would quote the text, which holds secrets. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

function publicUrlOf(text: string | undefined): string | null {
  if (text === undefined) return null;
  if (!URL.canParse(text) || !/^https?:/.test(text)) throw new SettingError('PUBLIC_URL must be an http(s) address');
  return text.replace(/\/+$/, '');
}
