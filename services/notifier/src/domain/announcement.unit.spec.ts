import { declared, type EventData } from '@m3/contracts';
import { announcementOf, payloadOf, type Announced } from './announcement.js';

const metadata = {
  actor: { kind: 'user', id: 'ann' },
  ...{ correlationId: 'c', causationId: null, occurredAt: '2026-03-19T14:23:45.000Z' },
} as const;
const told = (event: Announced, emergency = false) =>
  payloadOf(announcementOf(event), { ...event, metadata }, { emergency });

describe('what people are told', () => {
  it('pages at once that an emergency was declared, by whom and why', () => {
    const { data }: { readonly data: EventData<'EmergencyDeclared'> } = { data: declared('EmergencyDeclared').example };
    expect(told({ type: 'EmergencyDeclared', data }, true)).toMatchObject({
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
