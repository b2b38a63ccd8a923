import { declared, type EventData } from '@m3/contracts';
import { announcementOf, type Announced } from './announcement.js';
import { payloadOf } from './payload.js';

const metadata = {
  actor: { kind: 'user', id: 'ann' },
  ...{ correlationId: 'c', causationId: null, occurredAt: '2026-03-19T14:23:45.000Z' },
} as const;
const told = (
  event: Announced,
  { emergency = false, publicUrl = null }: { emergency?: boolean; publicUrl?: string | null } = {},
) => payloadOf(announcementOf(event), { ...event, metadata }, { emergency, publicUrl, subject: null });

describe('what people are told', () => {
  it('pages at once that an emergency was declared, by whom and why', () => {
    const { data }: { readonly data: EventData<'EmergencyDeclared'> } = { data: declared('EmergencyDeclared').example };
    expect(told({ type: 'EmergencyDeclared', data }, { emergency: true })).toMatchObject({
      type: 'emergency.started',
      data: {
        emergency: true,
        message: expect.stringMatching(/^EMERGENCY: ann publishes .*: orders are lost$/) as unknown,
      },
    });
  });

  it('reminds of an approval, with the way to it and to its publish', () => {
    const data = declared('ApprovalReminded').example;
    expect(told({ type: 'ApprovalReminded', data })).toMatchObject({
      type: 'approval.reminder',
      data: {
        message: expect.stringContaining('still needs 1 approval(s) of alice, carol') as unknown,
        links: {
          approval: `/api/v1/approvals/${data.approval_id}`,
          publish: `/api/v1/publishes/${data.publish_id}`,
        },
      },
    });
  });
});

describe('a link', () => {
  const data = declared('ReviewOpened').example;

  it('leads to the public address of the API, where that is set', () => {
    const publicUrl = 'https://publish.example.com';
    expect(told({ type: 'ReviewOpened', data }, { publicUrl }).data.links).toEqual({
      publish: `https://publish.example.com/api/v1/publishes/${data.publish_id}`,
      review: `https://publish.example.com/api/v1/reviews/${data.review_id}`,
    });
  });
});

describe('a planned publish', () => {
  it('is told of ahead, with its time for people and for programs', () => {
    expect(told({ type: 'PublishAnnounced', data: declared('PublishAnnounced').example })).toMatchObject({
      type: 'publish.planned',
      data: {
        message: 'invoice-pipeline v1.3.0 will be published to Production US East at 2026-03-24T06:00:00.000Z',
        planned: { expected_at: '2026-03-24T06:00:00.000Z', project: 'invoice-pipeline', version: 'v1.3.0' },
      },
    });
  });
});
