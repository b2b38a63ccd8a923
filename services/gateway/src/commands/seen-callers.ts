import { Injectable } from '@nestjs/common';
import { newId, type Caller } from '@m3/contracts';
import { LRUCache } from 'lru-cache';
import { CommandSender } from './command-sender.js';

const AGAIN_AFTER_MS = 60_000;

/**
 * Tells the approvals service which roles people come with, so that nobody's vote counts who has lost the role since.
 * What has not changed is told once a minute by each gateway, for another one may have seen something else meanwhile.
 */
@Injectable()
export class SeenCallers {
  private readonly told = new LRUCache<string, string>({ max: 10_000, ttl: AGAIN_AFTER_MS });

  constructor(private readonly sender: CommandSender) {}

  /** Never keeps a request waiting, and never fails it: what could not be told is told with the next request. */
  note(caller: Caller): void {
    const roles = [...caller.roles].sort().join(' ');
    if (this.told.get(caller.id) === roles) return;
    this.told.set(caller.id, roles);
    const forget = () => void this.told.delete(caller.id);
    this.sender
      .send('approvals.see', { command_id: newId('command'), caller }, {})
      .then((reply) => (reply.ok ? undefined : forget()), forget);
  }
}
