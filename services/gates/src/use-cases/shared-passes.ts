import { canonicalJson } from '@m3/contracts';
import { LRUCache } from 'lru-cache';
import type { Gate } from '../quality-gates/gate.js';
import type { GateSurroundings, Ran } from './run-gate.js';

const sharedForMs = 5_000;

interface Shared {
  readonly running: Promise<Ran>;
  readonly startedAt: Date;
  readonly deadlineAt: Date;
}

/**
 * The targets of one tag often share a gateway, and what a version does there before it is deployed is the same for all of
 * them: a pass serves the publishes that ask within a few seconds, and says so. Anything else each finds out by itself.
 */
export class SharedPasses {
  private readonly shared = new LRUCache<string, Shared>({ max: 500, ttl: sharedForMs });

  async run(gate: Gate, surroundings: GateSurroundings, start: () => Promise<Ran>): Promise<Ran> {
    if (gate.sharesPasses !== true) return start();
    const key = questionOf(gate, surroundings);
    const { deadlineAt, now } = surroundings;
    const known = this.shared.get(key);
    // Nobody waits beyond his own deadline for what others do.
    if (known && known.deadlineAt <= deadlineAt) {
      const ran = await known.running.catch(() => null);
      if (ran?.outcome === 'result' && ran.result.outcome === 'passed') return ofAnother(ran, known.startedAt, now());
      return start();
    }
    const running = start();
    this.shared.set(key, { running, startedAt: now(), deadlineAt });
    return running;
  }
}

function questionOf(gate: Gate, { subject, configuration }: GateSurroundings): string {
  const { project, version, bundle_digest, address } = subject;
  return canonicalJson([gate.name, address.gateway_url, project, version, bundle_digest, gate.inputOf(configuration)]);
}

function ofAnother({ result }: Extract<Ran, { outcome: 'result' }>, startedAt: Date, now: Date): Ran {
  const seconds = Math.round((now.getTime() - startedAt.getTime()) / 1000);
  const text = `begun ${seconds} s ago for another publish of this version through this gateway`;
  return {
    outcome: 'result',
    result: { ...result, log: [...result.log, { at: now.toISOString(), level: 'info', text }] },
  };
}
