import { declared } from '@m3/contracts';
import { announcementOf, payloadOf } from './announcement.js';

describe('a planned publish', () => {
  const event = { type: 'PublishAnnounced', data: declared('PublishAnnounced').example } as const;
  const metadata = {
    actor: { kind: 'system', id: 'clock' },
    ...{ correlationId: 'test', causationId: null, occurredAt: '2026-03-24T05:00:00.000Z' },
  } as const;

  it('is told of ahead, with its time for people and for programs', () => {
    const announcement = announcementOf(event);
    expect(announcement).toEqual({
      kind: 'publish.planned',
      publish_id: null,
      message: 'invoice-pipeline v1.3.0 will be published to Production US East at 2026-03-24T06:00:00.000Z',
    });
    expect(payloadOf(announcement, { metadata, data: event.data })).toMatchObject({
      type: 'publish.planned',
      data: { planned: { expected_at: '2026-03-24T06:00:00.000Z', project: 'invoice-pipeline', version: 'v1.3.0' } },
    });
  });
});
