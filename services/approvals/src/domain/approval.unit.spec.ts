import { declared, type ApprovalEvent, type EventData, type Role } from '@m3/contracts';
import { specification } from '@m3/testing';
import { approval, type ApprovalCommand, type CastVote } from './approval.js';

const { given } = specification(approval);
const request: EventData<'ApprovalRequested'> = {
  ...declared('ApprovalRequested').example,
  expires_at: '2026-03-20T14:23:45.000Z',
};
const { approval_id, subject } = request;
const now = '2026-03-19T14:23:45.000Z';
const ids = { approval_id, publish_id: subject.publish_id };
const opened: ApprovalEvent = {
  type: 'ApprovalOpened',
  data: { ...request, publish_id: ids.publish_id, opened_at: now },
};
const unattended = (changes: Partial<typeof request.rule>): ApprovalEvent => ({
  ...opened,
  data: { ...opened.data, rule: { ...request.rule, ...changes } },
});
const ballot = (by: string, cast: Partial<CastVote> = {}): ApprovalCommand => ({
  ...{ type: 'vote', by, roles: ['approver'], decision: 'approve', comment: null, seen: new Map() },
  ...cast,
});
const approve = (by: string, roles: readonly Role[] = ['approver']) => ballot(by, { roles });
const refuse = (by: string, comment: string) => ballot(by, { decision: 'reject', comment });
const voted = (by: string): ApprovalEvent => ({
  type: 'ApprovalVoted',
  data: { ...ids, by, decision: 'approve', comment: null, roles: ['approver'] },
});
const granted = (...approved_by: string[]): ApprovalEvent => ({
  type: 'ApprovalGranted',
  data: { ...ids, approved_digest: opened.data.approved_digest, approved_by },
});
const withdraw = (by: string): ApprovalCommand => ({ type: 'withdraw', by, roles: ['approver'] });
const withdrawn = (by: string): ApprovalEvent => ({ type: 'ApprovalVoteWithdrawn', data: { ...ids, by } });
const close: ApprovalCommand = { type: 'close', ...ids, reason: 'the publish was cancelled' };
const closed: ApprovalEvent = { type: 'ApprovalClosed', data: { ...ids, reason: 'the publish was cancelled' } };

describe('an approval', () => {
  it('is opened once, with the rule in force', () => {
    given().when({ type: 'open', request, now }).twice().then(opened);
  });

  it('is granted by its quorum, bound to what was approved', () => {
    given(opened).when(approve('alice')).then(voted('alice'));
    given(opened, voted('alice')).when(approve('bob')).then(voted('bob'), granted('alice', 'bob'));
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
    const roles = ['approver'];
    given(opened, voted('alice'))
      .when(refuse('bob', 'not before the audit'))
      .then(
        {
          type: 'ApprovalVoted',
          data: { ...ids, by: 'bob', decision: 'reject', comment: 'not before the audit', roles },
        },
        { type: 'ApprovalRejected', data: { ...ids, by: 'bob', comment: 'not before the audit' } },
      );
  });

  it('takes no vote after its end, and none that was never asked for', () => {
    const ended = [opened, voted('alice'), voted('bob'), granted('alice', 'bob')];
    given(...ended)
      .when(approve('carol'))
      .thenRejected('approval_ended');
    given(...ended)
      .when(withdraw('alice'))
      .thenRejected('approval_ended');
    given(...ended)
      .when(approve('alice'))
      .thenNothing();
    given().when(approve('alice')).thenRejected('approval_not_found');
  });

  it('is closed when its publish ends otherwise, even before it was opened', () => {
    given(opened).when(close).twice().then(closed);
    given().when(close).twice().then(closed);
    given(closed).when({ type: 'open', request, now }).thenNothing();
  });
});

describe('a vote', () => {
  it('can be withdrawn while the approval waits, and cast anew', () => {
    given(opened, voted('alice')).when(withdraw('alice')).twice().then(withdrawn('alice'));
    given(opened, voted('alice'), withdrawn('alice')).when(approve('bob')).then(voted('bob'));
    given(opened, voted('alice'), withdrawn('alice'), voted('bob'))
      .when(approve('alice'))
      .then(voted('alice'), granted('bob', 'alice'));
    given(opened).when(withdraw('alice')).thenRejected('not_voted');
  });

  it('does not count once its voter was seen without the role', () => {
    const seen = new Map([['alice', ['viewer']]]);
    given(opened, voted('alice')).when(ballot('bob', { seen })).then(voted('bob'));
  });

  it('counts again, with nothing but the same vote, once the role is back', () => {
    given(opened, voted('alice'), voted('bob')).when(approve('alice')).then(granted('alice', 'bob'));
  });
});

describe('a comment', () => {
  const comment = (by: string, roles: readonly Role[]): ApprovalCommand => ({
    ...{ type: 'comment', by, roles, comment: 'who is on call?' },
  });

  it('comes from those who decide and those who asked, is no vote, and is kept once', () => {
    for (const [by, roles] of [
      ['carol', ['approver']],
      ['ann', ['maintainer']],
    ] as const) {
      const said: ApprovalEvent = { type: 'ApprovalCommented', data: { ...ids, by, comment: 'who is on call?' } };
      given(opened).when(comment(by, roles)).twice().then(said);
    }
    given(opened)
      .when(comment('vic', ['viewer']))
      .thenRejected('not_an_approver');
  });
});

describe('time', () => {
  const at = (time: string): ApprovalCommand => ({ type: 'expire', now: time });
  const late = at('2026-04-01T00:00:00.000Z');
  const reminded = (when: 'half_time' | 'last_call', waiting_for: string[], missing: number): ApprovalEvent => ({
    type: 'ApprovalReminded',
    data: { ...ids, subject, at: when, missing, waiting_for, expires_at: '2026-03-20T14:23:45.000Z' },
  });

  it('reminds those who have not decided, half way and an hour before the end', () => {
    given(opened).when(at('2026-03-20T02:23:44.000Z')).thenNothing();
    given(opened, voted('alice'))
      .when(at('2026-03-20T02:23:45.000Z'))
      .twice()
      .then(reminded('half_time', ['bob', 'carol'], 1));
    given(opened, reminded('half_time', ['alice', 'bob', 'carol'], 2))
      .when(at('2026-03-20T13:23:45.000Z'))
      .twice()
      .then(reminded('last_call', ['alice', 'bob', 'carol'], 2));
  });

  it('rejects when nobody decided, or escalates once where the target says so', () => {
    const comment = `no quorum of 2 by ${opened.data.expires_at}`;
    given(opened)
      .when(late)
      .twice()
      .then({ type: 'ApprovalRejected', data: { ...ids, by: null, comment } });
    given(unattended({ auto_reject_on_timeout: false }))
      .when(late)
      .twice()
      .then({ type: 'ApprovalEscalated', data: { ...ids, waiting_since: '2026-03-20T14:23:45.000Z' } });
  });
});
