import { declared, type VersionEvent } from '@m3/contracts';
import { snapshotOf } from '@m3/policies';
import { specification } from '@m3/testing';
import { readTagMessage } from './tag-message.js';
import { target } from './target.js';
import { evolveVersion, initialVersion, requestPublish, tagVersion } from './version.js';

const settled = declared('TargetCreated').example;
const { target_id } = settled;
const { given } = specification(target);

describe('a target', () => {
  it('is created once, and changed only by another configuration', () => {
    given().when({ type: 'settle', settled }).twice().then({ type: 'TargetCreated', data: settled });
    const other = { ...settled, config_digest: `sha256:${'c'.repeat(64)}` };
    given({ type: 'TargetCreated', data: settled })
      .when({ type: 'settle', settled: other })
      .twice()
      .then({ type: 'TargetChanged', data: other });
  });

  it('is changed only by who has seen its last revision, whatever the change was', () => {
    const created = { type: 'TargetCreated', data: settled } as const;
    const disabled = { type: 'TargetDisabled', data: { target_id } } as const;
    const other = { ...settled, config_digest: `sha256:${'c'.repeat(64)}` };
    const settle = (expectedRevision: number) => ({ type: 'settle', settled: other, expectedRevision }) as const;
    given(created).when(settle(1)).twice().then({ type: 'TargetChanged', data: other });
    given(created, disabled).when(settle(1)).thenRejected('target_changed');
    given().when(settle(1)).thenRejected('target_changed');
  });

  it('stays disabled when a document does not say otherwise', () => {
    const { enabled: _said, ...silent } = settled.document;
    const quiet = { ...settled, document: silent, config_digest: `sha256:${'d'.repeat(64)}` };
    const created = { type: 'TargetCreated', data: settled } as const;
    const disabled = { type: 'TargetDisabled', data: { target_id } } as const;
    given(created, disabled, { type: 'TargetChanged', data: quiet }).when({ type: 'disable' }).thenNothing();
    given(created, disabled).when({ type: 'settle', settled }).twice().then({ type: 'TargetChanged', data: settled });
  });

  it('is held with a reason and released by an operator', () => {
    const created = { type: 'TargetCreated', data: settled } as const;
    const held = { type: 'TargetHeld', data: { target_id, reason: 'rolled back' } } as const;
    given(created).when({ type: 'hold', reason: 'rolled back' }).twice().then(held);
    given(created, held)
      .when({ type: 'release', reason: 'mended' })
      .twice()
      .then({ type: 'TargetReleased', data: { target_id, reason: 'mended' } });
    given().when({ type: 'hold', reason: 'x' }).thenRejected('target_not_found', 'target_id');
  });

  it('gets a veto on what was rolled back, even while it is held, and loses it with the release', () => {
    const created = { type: 'TargetCreated', data: settled } as const;
    const vetoed = { project: 'invoice-pipeline', version: 'v1.3.0' };
    const held = { type: 'TargetHeld', data: { target_id, reason: 'audit' } } as const;
    const veto = { type: 'TargetHeld', data: { target_id, reason: 'rolled back', vetoed } } as const;
    given(created, held).when({ type: 'hold', reason: 'rolled back', vetoed }).twice().then(veto);
    const released = { type: 'TargetReleased', data: { target_id, reason: 'fixed' } } as const;
    given(created, held, veto, released).when({ type: 'hold', reason: 'rolled back', vetoed }).then(veto);
  });
});

describe('a version', () => {
  const tagged = declared('VersionTagged').example;
  const snapshot = snapshotOf({ ...settled, revision: 1 });
  const publishId = 'pub_01930d8c-0000-7000-8000-000000000001';
  const after = (...events: VersionEvent[]) => events.reduce(evolveVersion, initialVersion);

  it('is tagged once, and sets off one publish to each destination', () => {
    const events = tagVersion(tagged, [{ target: snapshot, publishId }], initialVersion);
    expect(events.map(({ type }) => type)).toEqual(['VersionTagged', 'PublishTriggered']);
    expect(tagVersion(tagged, [{ target: snapshot, publishId }], after(...events))).toEqual([]);
  });

  it('keeps its content: another one is recorded as a conflict, once', () => {
    const other = { ...tagged, bundle_digest: `sha256:${'d'.repeat(64)}` };
    const state = after({ type: 'VersionTagged', data: tagged });
    const [conflict] = tagVersion(other, [], state);
    expect(conflict).toMatchObject({ type: 'VersionConflictDetected', data: { offered_digest: other.bundle_digest } });
    expect(tagVersion(other, [], conflict ? evolveVersion(state, conflict) : state)).toEqual([]);
  });

  it('is published on request, the same command once', () => {
    const request = {
      publishId,
      commandId: 'cmd-1',
      requestedBy: 'ann',
      reason: null,
      allowOlder: false,
      target: snapshot,
    };
    const state = after({ type: 'VersionTagged', data: tagged });
    const decision = requestPublish(request, state);
    expect(decision).toMatchObject({
      outcome: 'accepted',
      events: [{ type: 'PublishTriggered', data: { trigger: 'manual', trigger_key: 'cmd-1' } }],
    });
    const again = decision.outcome === 'accepted' ? decision.events.reduce(evolveVersion, state) : state;
    expect(requestPublish(request, again)).toEqual({ outcome: 'accepted', events: [] });
    expect(requestPublish(request, initialVersion)).toMatchObject({ rejection: { code: 'version_not_found' } });
  });
});

describe('a tag message', () => {
  const bytes = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
  const message = {
    specversion: '1.0',
    id: 'e1',
    source: 'forge',
    type: 'version.tagged',
    data: {
      project: 'p',
      version: 'v1.0.0',
      branch: 'main',
      commit: 'c',
      tagged_by: 'ann',
      tagged_at: '2026-03-19T14:23:45Z',
      bundle: { inline: {} },
    },
  };

  it('is read when it is one', () => {
    expect(readTagMessage(bytes(message))).toMatchObject({ ok: true });
  });

  it.each([
    ['not JSON', 'not json', 'not_json', undefined],
    ['not UTF-8', Buffer.from([0xff, 0xfe]).toString('latin1'), 'not_json', undefined],
    ['no data', { ...message, data: undefined }, 'invalid_message', 'data'],
    ['no branch', { ...message, data: { ...message.data, branch: undefined } }, 'invalid_message', 'data.branch'],
    [
      'a version that is none',
      { ...message, data: { ...message.data, version: 'latest' } },
      'invalid_message',
      'data.version',
    ],
    ['an unknown field', { ...message, data: { ...message.data, planted: 1 } }, 'invalid_message', 'data'],
    ['2 MB', 'x'.repeat(2_000_000), 'message_too_large', undefined],
  ])('with %s is refused, naming the field', (_what, value, code, field) => {
    expect(readTagMessage(bytes(value))).toMatchObject({ ok: false, code, ...(field === undefined ? {} : { field }) });
  });
});
