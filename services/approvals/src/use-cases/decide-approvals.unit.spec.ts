import { declared, EventRegistry, eventCatalogue, type Role } from '@m3/contracts';
import { MemoryEventStore } from '@m3/event-store';
import { DecideApprovals } from './decide-approvals.js';
import { KnownPeople } from './known-people.js';

const request = declared('ApprovalRequested').example;
const id = request.approval_id;
const context = {
  actor: { kind: 'user', id: 'alice' },
  ...{ correlationId: 'test', causationId: null, occurredAt: '2026-03-19T14:23:45.000Z' },
} as const;

/** Replicas on one log, with an approval that waits for two of alice, bob and carol. */
async function given() {
  const store = new MemoryEventStore(new EventRegistry(eventCatalogue));
  const replica = () => {
    const people = new KnownPeople(store);
    return { people, decisions: new DecideApprovals(store, people) };
  };
  await replica().decisions.handle(id, { type: 'open', request, now: context.occurredAt }, context);
  const approve = (by: string, roles: readonly Role[] = ['approver']) =>
    replica().decisions.vote(id, { type: 'vote', by, roles, decision: 'approve', comment: null }, context);
  const see = (person: string, ...roles: Role[]) => replica().people.see({ id: person, roles }, context);
  return { store, approve, see };
}

const open = { outcome: 'accepted', state: { status: 'open' } };
const granted = { outcome: 'accepted', state: { status: 'granted' } };

describe('the count of votes', () => {
  it('takes each vote with the roles that its voter had', async () => {
    const { store, approve } = await given();
    expect(await approve('alice')).toMatchObject(open);
    expect(await approve('bob', ['admin'])).toMatchObject(granted);
    const votes = (await store.readStream(`approval-${id}`)).filter(({ type }) => type === 'ApprovalVoted');
    expect(votes).toMatchObject([{ data: { roles: ['approver'] } }, { data: { roles: ['admin'] } }]);
  });

  it('leaves out who was seen without the role since, until the role is back', async () => {
    const { approve, see } = await given();
    await approve('alice');
    await see('alice', 'viewer');
    expect(await approve('bob')).toMatchObject(open);
    await see('alice', 'approver');
    expect(await approve('bob')).toMatchObject(granted);
  });

  it('keeps what it needs of people who decide, and nothing of others', async () => {
    const { store, approve, see } = await given();
    await see('mallory', 'viewer');
    await approve('alice');
    await see('alice', 'approver');
    expect(await store.readStream('person-mallory')).toEqual([]);
    expect(await store.readStream('person-alice')).toHaveLength(1);
  });

  it('counts votes that come at the same time once each', async () => {
    const { store, approve } = await given();
    await Promise.all([approve('alice'), approve('bob'), approve('alice')]);
    const types = (await store.readStream(`approval-${id}`)).map(({ type }) => type);
    expect(types).toEqual(['ApprovalOpened', 'ApprovalVoted', 'ApprovalVoted', 'ApprovalGranted']);
  });
});
