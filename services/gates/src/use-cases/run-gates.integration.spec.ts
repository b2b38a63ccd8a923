import { newId, type GateSettings } from '@m3/contracts';
import { eventually } from '@m3/testing';
import { startSandboxGateway } from '@m3/sandbox';
import { bundleOf, test, useGateStand } from '../fixtures/gate-stand.fixture.spec.js';
import { deadlineChange } from './watch-gate-deadlines.js';

const on = useGateStand(startSandboxGateway);
const tests = [test('one'), test('two')];
const caller = (roles: readonly 'admin'[] = ['admin']) => ({ id: 'alice', roles: [...roles] });
const override = { override: { allowed_roles: ['admin'], wait_minutes: 30 } };
const broken = bundleOf({ workflows: [{ name: 'extraction', plan: { nodes: [] } }] });

describe('a run of the quality gates', () => {
  it('leaves one event when all gates judge at once, however often and by how many it is asked for', async () => {
    const { ask, replica, history } = on.stand();
    const { event, request } = await ask();
    const replicas = [replica(), replica()];
    await Promise.all([...replicas, ...replicas].map(({ run }) => run.judge(event).catch(() => undefined)));
    await replicas[0]?.run.judge(event);
    expect((await history(request.gate_run_id)).map(({ type }) => type)).toEqual(['GatesCompleted']);
  });

  it('records each result as it is there when one takes its time', async () => {
    on.gateway.faults.set({ executor_latency_ms: 1_500 });
    const { ask, judge, history } = on.stand();
    const { event, request } = await ask({ bundle: bundleOf({ tests }) });
    await judge(event);
    const events = await history(request.gate_run_id);
    expect(events.map(({ type }) => type)).toEqual([
      ...['GatesStarted', 'GateCompleted', 'GateCompleted', 'GateCompleted', 'GatesCompleted'],
    ]);
    expect(events.at(-1)?.data).toMatchObject({
      gates: [{ name: 'workflow_validation' }, { name: 'security' }, { name: 'integration_tests' }],
      not_run: [{ gate: 'performance' }],
    });
  });

  it('goes on after a kill: gates that are done are not run again', async () => {
    on.gateway.faults.set({ executor_latency_ms: 5_000 });
    const { ask, replica, history } = on.stand();
    const { event, request } = await ask({ bundle: bundleOf({ tests }) });
    const [killed, next] = [replica(), replica()];
    const judging = killed.run.judge(event);
    const types = async () => (await history(request.gate_run_id)).map(({ type }) => type);
    await eventually('the quick gates are recorded', async () => {
      const done = (await types()).filter((type) => type === 'GateCompleted');
      return done.length === 2;
    });
    killed.stop();
    await expect(judging).rejects.toThrow();
    expect(await types()).not.toContain('GatesCompleted');

    on.gateway.faults.clear();
    await next.run.judge(event);
    expect(await types()).toEqual([
      ...['GatesStarted', 'GateCompleted', 'GateCompleted', 'GateCompleted', 'GatesCompleted'],
    ]);
  });

  it('has a result for each gate at its deadline, whatever hangs', async () => {
    on.gateway.faults.set({ latency_ms: 5_000 });
    const { ask, judge, history } = on.stand();
    const { event, request } = await ask({ bundle: bundleOf({ tests }), seconds: 1 });
    await judge(event);
    expect((await history(request.gate_run_id)).at(-1)).toMatchObject({
      ...{ type: 'GatesCompleted', data: { outcome: 'inconclusive' } },
    });
  });
});

describe('gates that did not pass', () => {
  const waiting = async (settings: GateSettings = override) => {
    const stand = on.stand();
    const { event, request } = await stand.ask({ bundle: broken, settings });
    await stand.judge(event);
    const { publish_id } = request.subject;
    const last = async () => (await stand.history(request.gate_run_id)).at(-1);
    const decide = (more: object = {}) => {
      const wanted = { publish_id, gate: 'workflow_validation', reason: 'known', caller: caller() };
      return stand.settle.override({ ...wanted, command_id: newId('command'), ...more });
    };
    return { ...stand, request, publish_id, last, decide };
  };

  it('are overridden by whom the target lets, and the publish goes on', async () => {
    const { last, decide, publish_id } = await waiting();
    expect(await last()).toMatchObject({ type: 'OverrideAwaited' });
    expect(await decide()).toEqual({
      ...{ outcome: 'accepted', result: { publish_id, gate: 'workflow_validation', remaining: [] } },
    });
    expect(await last()).toMatchObject({
      type: 'GatesCompleted',
      data: { outcome: 'passed', overrides: [{ by: 'alice', reason: 'known' }] },
      metadata: { actor: { kind: 'user', id: 'alice' } },
    });
  });

  it('fail when nobody overrides them in time', async () => {
    const { last, settle, advance, request } = await waiting();
    advance(30 * 60);
    await settle.expire(request.gate_run_id);
    expect(await last()).toMatchObject({ type: 'GatesCompleted', data: { outcome: 'failed' } });
  });

  it('are not overridden on a publish that has ended, or that is not there', async () => {
    const { decide, store, publish_id, last } = await waiting();
    expect(await decide({ publish_id: newId('publish') })).toMatchObject({ rejection: { code: 'publish_not_found' } });
    const data = { publish_id, target_id: newId('target'), by: 'ann', reason: 'wrong version' };
    const context = { actor: { kind: 'user', id: 'ann' }, correlationId: 'c', causationId: null } as const;
    const cancelled = { type: 'PublishCancelled', data };
    await store.append([{ stream: `publish-${publish_id}`, expectedVersion: 1, events: [cancelled] }], {
      ...context,
      occurredAt: '2026-03-19T14:24:00.000Z',
    });
    expect(await decide()).toMatchObject({ rejection: { code: 'publish_ended' } });
    expect(await last()).toMatchObject({ type: 'OverrideAwaited' });
  });

  it('cannot be overridden where they fail at once', async () => {
    const { decide, last } = await waiting({});
    expect(await last()).toMatchObject({ type: 'GatesCompleted', data: { outcome: 'failed' } });
    expect(await decide()).toMatchObject({ rejection: { code: 'gates_ended' } });
  });

  it('set a deadline in the log, and settle it', async () => {
    const { history, request, decide } = await waiting();
    const changes = async () => (await history(request.gate_run_id)).map(deadlineChange);
    const key = `${request.gate_run_id} override`;
    expect(await changes()).toEqual([{ key, dueAt: '2026-03-19T14:53:45.000Z' }]);
    await decide();
    expect(await changes()).toEqual([{ key, dueAt: '2026-03-19T14:53:45.000Z' }, { key, dueAt: null }, null]);
  });
});
