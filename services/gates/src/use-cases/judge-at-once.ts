import { canonicalJson, type CheckResult } from '@m3/contracts';
import { LRUCache } from 'lru-cache';
import type { Gate, GateConfiguration, GateContext } from '../quality-gates/gate.js';

const reusedForMs = 600_000;

/** One tag goes to many targets: what depends only on the bundle and the configuration is judged once. */
export class JudgeAtOnce {
  private readonly judged = new LRUCache<string, Promise<CheckResult>>({ max: 500, ttl: reusedForMs });

  /** A result, perhaps of an earlier run; `run` judges when there is none. Its log has the time of this run. */
  async result(
    gate: Gate,
    configuration: GateConfiguration,
    context: Pick<GateContext, 'subject' | 'now'>,
    run: () => Promise<CheckResult>,
  ): Promise<CheckResult> {
    const basis = await gate.basis();
    const key = canonicalJson([gate.name, context.subject.bundle_digest, gate.inputOf(configuration), basis]);
    const result = await (this.judged.get(key) ?? this.judge(key, run));
    const at = context.now().toISOString();
    return { ...result, log: result.log.map((line) => ({ ...line, at })) };
  }

  private judge(key: string, run: () => Promise<CheckResult>): Promise<CheckResult> {
    const judging = run();
    this.judged.set(key, judging);
    // What had no data, or no time, may have it next time.
    const forget = () => this.judged.delete(key);
    judging.then(({ outcome }) => outcome === 'inconclusive' && forget(), forget);
    return judging;
  }
}
