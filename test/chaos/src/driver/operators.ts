import { setTimeout as pause } from 'node:timers/promises';
import type { Acknowledgement } from '../checker/evidence.js';
import type { Action } from '../plan/actions.js';
import { project, taggedData } from '../world/releases.js';
import type { Answer, Api, Person } from './api.js';
import { codeOf, heldTargets, openApprovals, publishesIn } from './replies.js';

const ann: Person = { sub: 'ann', roles: ['admin', 'maintainer'] };
const tom: Person = { sub: 'tom', roles: ['maintainer'] };
const bob: Person = { sub: 'bob', roles: ['approver'] };

/** People and services that ask for what is planned, and remember what they were told. */
export class Operators {
  readonly acknowledged: Acknowledgement[] = [];
  /** How often nobody answered however often they asked, by what was said last. */
  readonly unanswered = new Map<string, number>();
  /** How often something was refused, by the code of the problem. */
  readonly refused = new Map<string, number>();
  /** Of publishes that were acknowledged, the newest last. */
  private readonly publishes: string[] = [];

  /** @param name of the run: keys of requests begin with it */
  constructor(
    private readonly api: Api,
    private readonly name: string,
  ) {}

  async act(action: Action, number: number): Promise<void> {
    const key = `${this.name}-${number}`;
    switch (action.kind) {
      case 'tag':
        return this.tag(action.version, key);
      case 'publish':
        return this.publish(action, key);
      case 'cancel':
        await pause(action.afterMs);
        return this.cancel(this.publishes.at(-1 - action.newest), key);
      case 'rollback':
        await this.rollBack(action.place, key);
        await pause(action.releaseAfterMs);
        return this.release(action.place, `${key}-release`);
      case 'retry':
        return this.retry(this.publishes.at(-1 - action.newest), key);
      case 'vote':
        return this.vote(action, key);
    }
  }

  /** Approves of everything that waits for people, and releases every target. Answers whether there was anything to do. */
  async settle(round: number): Promise<boolean> {
    const key = `${this.name}-settle-${round}`;
    const open = openApprovals(await this.api.list('approvals'));
    for (const id of open) await this.decide(id, 'approve', `${key}-${id}`);
    const held = heldTargets(await this.api.list('targets'));
    for (const target of held) await this.release(target, `${key}-${target}`);
    return open.length + held.length > 0;
  }

  private async tag(version: string, key: string): Promise<void> {
    const answer = await this.api.post('versions', taggedData(version), { key, as: tom });
    this.note(answer, { command: 'tag', version });
    this.publishes.push(...publishesIn(answer.json));
  }

  private async publish({ version, places }: Extract<Action, { kind: 'publish' }>, key: string): Promise<void> {
    const body = { project, version, targets: places, allow_older: true, reason: 'chaos' };
    const answer = await this.api.post('publishes', body, { key, as: ann });
    const publishes = answer.outcome === 'accepted' ? publishesIn(answer.json) : [];
    if (publishes.length === 0) this.note(answer, null);
    for (const publish_id of publishes) this.note(answer, { command: 'publish', publish_id, version });
    this.publishes.push(...publishes);
  }

  private async cancel(publish_id: string | undefined, key: string): Promise<void> {
    if (publish_id === undefined) return;
    const answer = await this.api.post(`publishes/${publish_id}/cancel`, { reason: 'chaos' }, { key, as: ann });
    this.note(answer, { command: 'cancel', publish_id });
  }

  private async rollBack(place: string, key: string): Promise<void> {
    const answer = await this.api.post(`targets/${place}/rollback`, { reason: 'chaos' }, { key, as: ann });
    const [publish_id] = publishesIn({ publishes: [answer.json] });
    this.note(answer, publish_id === undefined ? null : { command: 'rollback', publish_id });
    if (publish_id !== undefined) this.publishes.push(publish_id);
  }

  private async retry(retry_of: string | undefined, key: string): Promise<void> {
    if (retry_of === undefined) return;
    const answer = await this.api.post(`publishes/${retry_of}/retry`, { reason: 'chaos' }, { key, as: ann });
    const [publish_id] = publishesIn({ publishes: [answer.json] });
    this.note(answer, publish_id === undefined ? null : { command: 'retry', publish_id, retry_of });
    if (publish_id !== undefined) this.publishes.push(publish_id);
  }

  /** Automatic publishes go on there; on a target that nobody holds it changes nothing. */
  private async release(target: string, key: string): Promise<void> {
    await this.api.post(`targets/${target}/release`, { reason: 'chaos' }, { key, as: ann });
  }

  private async vote({ newest, decision }: Extract<Action, { kind: 'vote' }>, key: string): Promise<void> {
    const open = openApprovals(await this.api.list('approvals').catch(() => []));
    const id = open[Math.min(newest, open.length - 1)];
    if (id !== undefined) await this.decide(id, decision, key);
  }

  private async decide(approval_id: string, decision: 'approve' | 'reject', key: string): Promise<void> {
    const answer = await this.api.post(`approvals/${approval_id}/${decision}`, { comment: 'chaos' }, { key, as: bob });
    this.note(answer, { command: 'vote', approval_id, by: bob.sub, decision });
  }

  private note({ outcome, json }: Answer, acknowledgement: Acknowledgement | null): void {
    if (outcome === 'unanswered') count(this.unanswered, codeOf(json));
    else if (outcome === 'refused') count(this.refused, codeOf(json));
    else if (acknowledgement !== null) this.acknowledged.push(acknowledgement);
  }
}

function count(counted: Map<string, number>, what: string): void {
  counted.set(what, (counted.get(what) ?? 0) + 1);
}
