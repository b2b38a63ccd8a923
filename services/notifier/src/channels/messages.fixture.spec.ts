import { createGuardedHttp, type GuardedHttp } from '@m3/target-environment';
import type { NotificationPayload } from '../domain/payload.js';
import type { Channel, Message } from './channel.js';
import { openChannels } from './registry.js';

export const publish_id = 'pub_01930d8c-0000-7000-8000-000000000001';
export const notification_id = 'ntf_01930d8c-0000-7000-8000-000000000009';
const subject = {
  ...{ project: 'invoice-pipeline', version: 'v1.3.0', target_id: 'tgt_01930d8c-0000-7000-8000-000000000002' },
  ...{ target_name: 'Production US East', environment: 'production' },
};

export function payload(type: string, data: Partial<NotificationPayload['data']> = {}): NotificationPayload {
  const links = { publish: `https://publish.example.com/api/v1/publishes/${publish_id}` };
  const about = { publish_id, message: 'what happened', subject, links };
  return { type, timestamp: '2026-03-19T14:23:45.000Z', data: { ...about, ...data } };
}

export function message(type: string, data: Partial<NotificationPayload['data']> = {}): Message {
  return { id: notification_id, payload: payload(type, data), now: new Date('2026-03-19T14:23:46.000Z') };
}

/** HTTP that may reach this machine, for the tests of a file. */
export function useHttp(): () => GuardedHttp {
  const http = createGuardedHttp({ allow: ['127.0.0.0/8'] });
  afterAll(() => http.close());
  return () => http;
}

/** The one channel of these settings. */
export function channel(http: GuardedHttp, settings: object): Channel {
  const [only] = openChannels([settings], { http });
  if (!only) throw new Error('a channel was opened');
  return only;
}
