import { declared, type ApprovalEvent, type EventData, type Role } from '@m3/contracts';
import { specification } from '@m3/testing';
import { approval, type ApprovalCommand } from './approval.js';

const { given } = specification(approval);
const request: EventData<'ApprovalRequested'> = declared('ApprovalRequested').example;
const { approval_id, subject } = request;
const ids = { approval_id, publish_id: subject.publish_id };
const opened: ApprovalEvent = { type: 'ApprovalOpened', data: { ...declared('ApprovalOpened').example, ...ids } };
const unattended = (changes: Partial<typeof request.rule>): ApprovalEvent => ({
  ...opened,
  data: { ...opened.data, rule: { ...request.rule, ...changes } },
});
const approve = (by: string, roles: readonly Role[] = ['approver']): ApprovalCommand => ({
  type: 'vote',
  by,
  roles,
  decision: 'approve',
  comment: null,
});
const refuse = (by: string, comment: string): ApprovalCommand => ({
  type: 'vote',
  by,
  roles: ['approver'],
  decision: 'reject',
  comment,
});
const voted = (by: string): ApprovalEvent => ({
  type: 'ApprovalVoted',
  data: { ...ids, by, decision: 'approve', comment: null },
});
const granted: ApprovalEvent = {
  type: 'ApprovalGranted',
  data: { ...ids, approved_digest: opened.data.approved_digest, approved_by: ['alice', 'bob'] },
};

describe('an approval', () => {
  it('is opened once, with the rule in force', () => {
    const { excluded, requested_by, rule, approved_digest, expires_at } = request;
    given()
      .when({ type: 'open', request })
      .twice()
      .then({
        type: 'ApprovalOpened',
        data: { ...ids, subject, excluded, requested_by, rule, approved_digest, expires_at },
      });
  });

  it('is granted by its quorum, bound to what was approved', () => {
    given(opened).when(approve('alice')).then(voted('alice'));
    given(opened, voted('alice')).when(approve('bob')).then(voted('bob'), granted);
  });

  it('counts each approver once', () => {
    given(opened).when(approve('alice')).twice().then(voted('alice'));
    given(opened, voted('alice')).when(refuse('alice', 'changed my mind')).thenRejected('already_voted');
  });

  it('is refused to requester and tag author, strangers, and those without the role', () => {
    given(opened).when(approve('ann')).thenRejected('self_approval_forbidden');
    given(opened).when(approve('mallory')).thenRejected('not_an_approver');
    given(opened)
      .when(approve('alice', ['viewer']))
      .thenRejected('not_an_approver');
    given(unattended({ approvers: [] }))
      .when(approve('zoe'))
      .then(voted('zoe'));
  });

  it('ends with one rejection and its comment', () => {
    given(opened, voted('alice'))
      .when(refuse('bob', 'not before the audit'))
      .then(
        { type: 'ApprovalVoted', data: { ...ids, by: 'bob', decision: 'reject', comment: 'not before the audit' } },
        { type: 'ApprovalRejected', data: { ...ids, by: 'bob', comment: 'not before the audit' } },
      );
  });

  it('takes no vote after its end, and none that was never asked for', () => {
    given(opened, voted('alice'), voted('bob'), granted).when(approve('carol')).thenRejected('approval_ended');
    given().when(approve('alice')).thenRejected('approval_not_found');
  });

  it('is rejected when nobody decided in time, or escalated once where the target says so', () => {
    const late = { type: 'expire', now: '2026-04-01T00:00:00.000Z' } as const;
    const comment = `no quorum of 2 by ${opened.data.expires_at}`;
    given(opened).when({ type: 'expire', now: '2026-03-19T14:00:00.000Z' }).thenNothing();
    given(opened)
      .when(late)
      .twice()
      .then({ type: 'ApprovalRejected', data: { ...ids, by: null, comment } });
    given(unattended({ auto_reject_on_timeout: false }))
      .when(late)
      .twice()
      .then({ type: 'ApprovalEscalated', data: { ...ids, waiting_since: '2026-03-19T14:23:45.000Z' } });
  });

  it('is closed when its publish ends otherwise', () => {
    given(opened)
      .when({ type: 'close', reason: 'the publish was cancelled' })
      .twice()
      .then({ type: 'ApprovalClosed', data: { ...ids, reason: 'the publish was cancelled' } });
  });
});
