import type { CheckResult, GateRunEvent } from '@m3/contracts';
import { fold, type Decision, type Refusal } from '@m3/decider';
import { checkResult, failed, inconclusive, passed, type Verdict } from './check.js';
import { callBack, expire, overrideGate } from './gate-run.decisions.js';
import { ask, conclude, concludeAtOnce, pend, startRun } from './gate-run.js';
import { evolveGateRun, initialGateRun, type GateRun, type Judged } from './gate-run.state.js';

const ids = {
  gate_run_id: 'gtr_01930d8c-0000-7000-8000-000000000001',
  publish_id: 'pub_01930d8c-0000-7000-8000-000000000001',
};
const now = '2026-03-19T14:00:00.000Z';
const minutes = (count: number) => new Date(Date.parse(now) + count * 60_000).toISOString();
const token_digest = `sha256:${'a'.repeat(64)}`;
const result = (name: string, verdict: Verdict = passed('well')): CheckResult => checkResult(name, verdict, 5, now);
const bad = (name: string) => result(name, failed('broken'));

const judged = (...gates: string[]): Judged => ({ gates, not_run: [], override: null, deadline_at: minutes(120) });
const overridable = (...gates: string[]): Judged => ({
  ...judged(...gates),
  override: { allowed_roles: ['admin'], wait_minutes: 30 },
});

type Step = (state: GateRun) => Decision<GateRunEvent, Refusal>;
const start =
  (what: Judged): Step =>
  (state) =>
    startRun(ids, what, state, now);
const atOnce =
  (what: Judged, ...results: CheckResult[]): Step =>
  (state) =>
    concludeAtOnce(ids, { ...what, results, started_at: now }, state, now);
const asked =
  (gate: string): Step =>
  (state) =>
    ask(ids, gate, { token_digest, deadline_at: minutes(5) }, state);
const pending =
  (gate: string): Step =>
  (state) =>
    pend(ids, gate, 'later', state);
const done =
  (each: CheckResult): Step =>
  (state) =>
    conclude(ids, each, state, now);
const override =
  (gate: string, at = minutes(1), roles = ['admin']): Step =>
  (state) =>
    overrideGate(ids, { gate, by: 'alice', roles, reason: 'known', now: at }, state);
const calledBack =
  (digest = token_digest, at = minutes(1)): Step =>
  (state) =>
    callBack(ids, { token_digest: digest, result: (gate) => result(gate), now: at }, state);
const time =
  (at: string): Step =>
  (state) =>
    expire(ids, state, at);

/** Takes steps one after the other; each is taken twice, and has no more effect for that. */
function after(...steps: Step[]) {
  const events: GateRunEvent[] = [];
  let rejection: Refusal | null = null;
  let last: readonly GateRunEvent[] = [];
  for (const step of steps) {
    const state = () => fold({ initial: initialGateRun, evolve: evolveGateRun }, events);
    const decision = step(state());
    last = decision.outcome === 'accepted' ? decision.events : [];
    rejection = decision.outcome === 'rejected' ? decision.rejection : null;
    events.push(...last);
    const again = step(state());
    expect(again.outcome === 'accepted' ? again.events : []).toEqual([]);
  }
  return { types: last.map(({ type }) => type), last, code: rejection?.code };
}

describe('a run of gates that judge at once', () => {
  it('leaves one event', () => {
    const { types, last } = after(atOnce(judged('a', 'b'), result('b'), result('a')));
    expect(types).toEqual(['GatesCompleted']);
    expect(last).toMatchObject([{ data: { outcome: 'passed', gates: [{ name: 'a' }, { name: 'b' }] } }]);
  });

  it('says which gates were not run', () => {
    const not_run = [{ gate: 'performance', reason: 'the target does not ask for it' }];
    const { last } = after(atOnce({ ...judged('a'), not_run }, result('a')));
    expect(last).toMatchObject([{ data: { not_run } }]);
  });
});

describe('a run of gates that take time', () => {
  it('records each result as soon as it is there, and ends with the last', () => {
    const begun = [start(judged('a', 'b')), done(result('b'))] as const;
    expect(after(...begun).types).toEqual(['GateCompleted']);
    const { types, last } = after(...begun, done(bad('a')));
    expect(types).toEqual(['GateCompleted', 'GatesCompleted']);
    expect(last.at(-1)).toMatchObject({ data: { outcome: 'failed', gates: [{ name: 'a' }, { name: 'b' }] } });
  });

  it('counts the first result of a gate', () => {
    expect(after(start(judged('a', 'b')), done(result('a')), done(bad('a'))).types).toEqual([]);
  });

  it('waits for a gate that calls back', () => {
    const waiting = [start(judged('a', 'x')), asked('x'), pending('x'), done(result('a'))] as const;
    expect(after(...waiting).types).toEqual(['GateCompleted']);
    expect(after(...waiting, calledBack()).types).toEqual(['GateCompleted', 'GatesCompleted']);
  });

  it('takes a call back that is quicker than the answer', () => {
    const quick = [start(judged('a', 'x')), asked('x'), calledBack()] as const;
    expect(after(...quick).types).toEqual(['GateCompleted']);
    expect(after(...quick, pending('x')).types).toEqual([]);
  });
});

describe('a call back', () => {
  const waiting = [start(judged('a', 'x')), asked('x'), pending('x')] as const;

  it('with a token of nobody is refused', () => {
    expect(after(...waiting, calledBack(`sha256:${'b'.repeat(64)}`)).code).toBe('callback_forbidden');
    expect(after(calledBack()).code).toBe('callback_forbidden');
  });

  it('counts once, also after the run has ended', () => {
    const state = [...waiting, calledBack(), done(result('a'))] as const;
    const { code } = after(...state, (run) => callBack(ids, { token_digest, result: bad, now }, run));
    expect(code).toBe('callback_used');
  });

  it('that is late is refused', () => {
    expect(after(...waiting, calledBack(token_digest, minutes(5))).code).toBe('callback_expired');
  });

  it('that never comes leaves its gate without a result', () => {
    const late = [start(judged('x')), asked('x'), pending('x'), time(minutes(5))] as const;
    expect(after(...late).types).toEqual(['GateCompleted', 'GatesCompleted']);
    expect(after(...late).last).toMatchObject([
      { data: { result: { outcome: 'inconclusive', findings: [{ code: 'gate_timed_out' }] } } },
      { data: { outcome: 'inconclusive' } },
    ]);
    expect(after(...late.slice(0, 3), time(minutes(4))).types).toEqual([]);
  });

  it('that comes after all when its gate has been given up is told so, also after the end', () => {
    const late = [start(judged('a', 'x')), asked('x'), pending('x'), time(minutes(5))] as const;
    expect(after(...late, calledBack(token_digest, minutes(6)))).toMatchObject({ types: [], code: 'callback_expired' });
    const ended = [...late, done(result('a'))] as const;
    expect(after(...ended, calledBack(token_digest, minutes(6)))).toMatchObject({
      types: [],
      code: 'callback_expired',
    });
  });
});

describe('gates that did not pass', () => {
  it('fail the publish at once where the target says nothing of overrides', () => {
    expect(after(atOnce(judged('a'), bad('a'))).types).toEqual(['GatesCompleted']);
  });

  it('wait for an override where it does, and no longer than the publish waits', () => {
    expect(after(atOnce(overridable('a'), bad('a'))).last).toMatchObject([
      { type: 'OverrideAwaited', data: { outcome: 'failed', allowed_roles: ['admin'], deadline_at: minutes(30) } },
    ]);
    expect(after(atOnce({ ...overridable('a'), deadline_at: minutes(10) }, bad('a'))).last).toMatchObject([
      { data: { deadline_at: minutes(10) } },
    ]);
    expect(after(start(overridable('a')), done(bad('a'))).types).toEqual(['GateCompleted', 'OverrideAwaited']);
  });

  it('pass when all of them are overridden, with who did it and why', () => {
    const waiting = atOnce(overridable('a', 'b', 'c'), bad('a'), result('b', inconclusive('no data')), result('c'));
    expect(after(waiting, override('a')).last).toMatchObject([{ type: 'GateOverridden', data: { remaining: ['b'] } }]);
    const { types, last } = after(waiting, override('a'), override('b'));
    expect(types).toEqual(['GateOverridden', 'GatesCompleted']);
    expect(last.at(-1)).toMatchObject({
      data: { outcome: 'passed', overrides: [{ gate: 'a', by: 'alice', reason: 'known' }, { gate: 'b' }] },
    });
  });

  it('fail when the time for overrides is over, with those that were not overridden', () => {
    const waiting = [atOnce(overridable('a', 'b'), bad('a'), result('b', inconclusive('no data'))), override('a')];
    const { types, last } = after(...waiting, time(minutes(30)));
    expect(types).toEqual(['OverrideExpired', 'GatesCompleted']);
    expect(last).toMatchObject([{ data: { remaining: ['b'] } }, { data: { outcome: 'inconclusive' } }]);
    expect(after(...waiting, time(minutes(29))).types).toEqual([]);
  });

  it.each<[string, Step, Step, string]>([
    ['by another role', atOnce(overridable('a'), bad('a')), override('a', now, ['viewer']), 'not_allowed'],
    ['of a gate that is not there', atOnce(overridable('a'), bad('a')), override('z'), 'gate_not_found'],
    ['of a gate that passed', atOnce(overridable('a', 'b'), bad('a'), result('b')), override('b'), 'gate_passed'],
    ['after its time', atOnce(overridable('a'), bad('a')), override('a', minutes(30)), 'override_expired'],
    ['while gates run', start(overridable('a')), override('a'), 'gates_running'],
    ['after the end', atOnce(judged('a'), bad('a')), override('a'), 'gates_ended'],
  ])('are not overridden %s', (_, history, wanted, code) => {
    expect(after(history, wanted)).toMatchObject({ types: [], code });
  });

  it('are overridden once, whoever repeats it, also after the end', () => {
    const ended = [atOnce(overridable('a'), bad('a')), override('a')] as const;
    expect(after(...ended, override('a', minutes(50)))).toMatchObject({ types: [], code: undefined });
  });
});
