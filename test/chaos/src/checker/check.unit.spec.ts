import { check } from './check.js';
import type { Evidence, TargetContents } from './evidence.js';
import { cancelled, published, retold, soundContents, soundEvents, soundRun } from './sound-run.fixture.spec.js';

/** What is found wrong with a sound run in which something was planted. */
const found = (planted: Partial<Evidence>): readonly string[] =>
  check({ ...soundRun, ...planted }).map(({ rule, text }) => `${rule}: ${text}`);

type Told = Parameters<Parameters<typeof retold>[0]>[0];
const without = (type: string, publish?: string) => (events: Told) =>
  events.filter(([stream, each]) => each !== type || (publish !== undefined && !stream.includes(publish)));
const alsoAtTheEnd =
  (...more: Told) =>
  (events: Told) => [...events, ...more];
/** Does a publish again, at the end of the run. */
const retry = (retry_of: string, version: string, target_id = 'tgt_1') =>
  retold(
    alsoAtTheEnd([
      'version-2',
      'PublishTriggered',
      { publish_id: 'pub_3', retry_of, version, trigger: 'manual', trigger_key: 'cmd_1', target: { target_id } },
    ]),
  );
const held = (contents: Partial<TargetContents>) => ({
  contents: new Map([['north', { ...soundContents, ...contents }]]),
});

it('finds nothing wrong with a sound run', () => {
  expect(found({})).toEqual([]);
});

it('finds nothing wrong with what is left of a publish that could not be undone', () => {
  const failed = [
    `publish-${cancelled}`,
    'PublishRollbackFailed',
    { publish_id: cancelled, target_id: 'tgt_1' },
  ] as const;
  const events = retold((told) => told.map((event) => (event[1] === 'PublishCancelled' ? failed : event)));
  const left = soundContents.artifacts.map((artifact) => ({ ...artifact, version: 'v1.102.0' }));
  const contents = { releases: ['v1.101.0', 'v1.102.0'], artifacts: [...soundContents.artifacts, ...left] };
  const remains = (planted: Partial<Evidence>) =>
    found(planted).filter((each) => each.includes('which never became active there'));
  expect(remains(held(contents))).toHaveLength(1);
  expect(remains({ ...held(contents), events })).toEqual([]);
});

it('finds nothing wrong with a retry of what has failed', () => {
  const violations = found({ events: retry(cancelled, 'v1.102.0') });
  expect(violations.filter((each) => each.startsWith('a retry'))).toEqual([]);
});

describe('the checker finds, when it is planted,', () => {
  it.each<[string, Partial<Evidence>, string]>([
    [
      'an event that was never given its place',
      { events: soundEvents.map((event, index) => (index === 3 ? { ...event, seq: null } : event)) },
      'the log is whole: ValidationRequested in publish-pub_1 has no place in the order',
    ],
    [
      'a gap in the order of the log',
      { events: soundEvents.map((event) => ({ ...event, seq: (event.seq ?? 0) + 1 })) },
      'the log is whole: the order has a gap before 2',
    ],
    [
      'a gap in a stream',
      { events: soundEvents.map((event) => (event.type === 'PublishSucceeded' ? { ...event, version: 90 } : event)) },
      'the log is whole: publish-pub_1 has a gap, or a version twice',
    ],
    [
      'a dead letter',
      { events: retold(alsoAtTheEnd(['deadletter-1', 'DeadLetterRecorded', { reason: 'no' }])) },
      'no dead letters: {"reason":"no"}',
    ],
    [
      'a publish that never ended',
      { events: retold(without('PublishSucceeded')) },
      'each publish ends once: it has ended 0 times',
    ],
    [
      'a publish that ended twice',
      { events: retold(alsoAtTheEnd([`publish-${published}`, 'PublishFailed', { publish_id: published }])) },
      'each publish ends once: it has ended 2 times',
    ],
    [
      'something that happened after the end',
      { events: retold(alsoAtTheEnd([`publish-${published}`, 'SlotAwaited', { publish_id: published }])) },
      'each publish ends once: after its end: SlotAwaited',
    ],
    [
      'a success without an activation',
      { events: retold(without('VersionActivated')) },
      'the end fits the events: PublishSucceeded without VersionActivated before it',
    ],
    [
      'a deployment without a backup',
      { events: retold(without('BackupRequested', published)) },
      'the end fits the events: DeploymentRequested without BackupRequested before it',
    ],
    [
      'a success in spite of a restore',
      {
        events: retold((events) =>
          events.flatMap((event) =>
            event[1] === 'PublishSucceeded'
              ? [[`publish-${published}`, 'RestoreRequested', { subject: { publish_id: published } }] as const, event]
              : [event],
          ),
        ),
      },
      'the end fits the events: PublishSucceeded in spite of RestoreRequested',
    ],
    [
      'a cancelled publish that was not taken back',
      { events: retold(without('BackupRestored')) },
      'the end fits the events: PublishCancelled, but what it wrote was not taken back',
    ],
    [
      'a retry of what has succeeded',
      { events: retry(published, 'v1.101.0') },
      'a retry follows a failure: pub_1 was succeeded',
    ],
    [
      'a retry of what had not ended',
      { events: retry('pub_9', 'v1.102.0') },
      'a retry follows a failure: pub_9 had not ended',
    ],
    [
      'a retry on another target',
      { events: retry(cancelled, 'v1.102.0', 'tgt_2') },
      'a retry follows a failure: pub_2 was of another version, or on another target',
    ],
    [
      'a status that the log does not say',
      { publishes: soundRun.publishes.map((publish) => ({ ...publish, status: 'succeeded' })) },
      'shown as logged: shown as succeeded, but it is cancelled',
    ],
    [
      'another version than the log says',
      { publishes: soundRun.publishes.map((publish) => ({ ...publish, version: 'v1.101.0' })) },
      'shown as logged: shown with v1.101.0, but it is of v1.102.0',
    ],
    ['a publish that is not shown', { publishes: soundRun.publishes.slice(1) }, 'shown as logged: it is not shown'],
    [
      'a publish that is only shown',
      {
        publishes: [
          ...soundRun.publishes,
          { publish_id: 'pub_9', target_id: 'tgt_1', version: 'v1', status: 'failed' },
        ],
      },
      'shown as logged: it is shown, and not in the log',
    ],
    [
      'a publish that is in the list twice',
      { publishes: [...soundRun.publishes, ...soundRun.publishes.slice(0, 1)] },
      'shown as logged: 1 publishes are in the list twice',
    ],
    [
      'a look that saw half a version',
      {
        sightings: [
          { target: 'north', at: 'then', active: 'v1.101.0', served: [], wrong: ['v1.101.0 lacks agent reviewer'] },
        ],
      },
      'no target is half-changed: north at then: v1.101.0 lacks agent reviewer',
    ],
    [
      'half a version at rest',
      held({ artifacts: soundContents.artifacts.slice(1) }),
      'no target is half-changed: north at rest: v1.101.0 lacks workflow extract',
    ],
    [
      'an artifact that is there twice',
      held({ artifacts: [...soundContents.artifacts, ...soundContents.artifacts.slice(1)] }),
      'no target is half-changed: north at rest: v1.101.0 has agent reviewer, which is not its own or twice there',
    ],
    [
      'contents of another version',
      held({ artifacts: soundContents.artifacts.map((artifact) => ({ ...artifact, own: artifact.kind === 'agent' })) }),
      'no target is half-changed: north at rest: v1.101.0 has contents of another version: workflow extract',
    ],
    [
      'artifacts of a release that is not there',
      held({ artifacts: [...soundContents.artifacts, { kind: 'agent', name: 'x', version: 'v1.90.0', own: true }] }),
      'no target is half-changed: north at rest: 1 artifacts of no release: agent x',
    ],
    [
      'an active version that is not there',
      held({ releases: [], artifacts: [] }),
      'no target is half-changed: north at rest: v1.101.0 is active and not there',
    ],
    [
      'a route to another version than the active one',
      held({ routes: [{ version: 'v1.102.0', weight: 100 }] }),
      'no target is half-changed: north at rest: v1.101.0 is active, served is v1.102.0',
    ],
    [
      'a target that has something else active than the log says',
      held({ active: null, routes: [] }),
      'active as logged: north has nothing, the log says v1.101.0',
    ],
    [
      'a target that is shown with something else',
      { targets: soundRun.targets.map((target) => ({ ...target, active: 'v1.102.0' })) },
      'active as logged: north is shown with v1.102.0, the log says v1.101.0',
    ],
    [
      'remains of a version that never became active',
      held({
        releases: ['v1.101.0', 'v1.102.0'],
        artifacts: ['v1.101.0', 'v1.102.0'].flatMap((version) =>
          soundContents.artifacts.map((artifact) => ({ ...artifact, version })),
        ),
      }),
      'active as logged: north still holds v1.102.0, which never became active there',
    ],
    [
      'a version that was active though nobody asked for it',
      { sightings: [{ target: 'north', at: 'then', active: 'v1.102.0', served: [], wrong: [] }] },
      'active as logged: north had v1.102.0 at then, for which nobody asked',
    ],
    [
      'a version that got executions though nobody asked for it',
      { sightings: [{ target: 'north', at: 'then', active: 'v1.101.0', served: ['v1.101.0', 'v1.102.0'], wrong: [] }] },
      'active as logged: north had v1.102.0 at then, for which nobody asked',
    ],
    [
      'a rollback of what never served',
      { events: retold(alsoAtTheEnd([`publish-${cancelled}`, 'PublishRolledBack', { publish_id: cancelled }])) },
      'the end fits the events: PublishRolledBack without VersionActivated or TrafficShifted or TrafficReturnRequested before it',
    ],
    [
      'traffic that is still shared at rest',
      held({
        routes: [
          { version: 'v1.101.0', weight: 90 },
          { version: 'v1.102.0', weight: 10 },
        ],
      }),
      'no target is half-changed: north at rest: v1.101.0 is active, served is v1.101.0,v1.102.0',
    ],
    [
      'a share that was brought twice',
      {
        events: retold(
          alsoAtTheEnd(
            [`publish-${cancelled}`, 'TrafficShifted', { publish_id: cancelled, step: 1, fence: 12 }],
            [`publish-${cancelled}`, 'TrafficShifted', { publish_id: cancelled, step: 1, fence: 12 }],
          ),
        ),
      },
      'nothing happens twice: 2 times TrafficShifted pub_2 12',
    ],
    [
      'an activation that happened twice',
      {
        events: retold((events) =>
          events.flatMap((event) => (event[1] === 'VersionActivated' ? [event, event] : [event])),
        ),
      },
      'nothing happens twice: 2 times VersionActivated of pub_1',
    ],
    [
      'a vote that counts twice',
      {
        events: retold((events) =>
          events.flatMap((event) => (event[1] === 'ApprovalVoted' ? [event, event] : [event])),
        ),
      },
      'nothing happens twice: 2 times ApprovalVoted apr_1 bob',
    ],
    [
      'two publishes of one tag',
      {
        events: retold((events) =>
          events.map((event) => {
            const [stream, type, data] = event;
            return type === 'PublishTriggered' ? [stream, type, { ...data, version: 'v1', trigger_key: 'v1' }] : event;
          }),
        ),
      },
      'nothing happens twice: 2 publishes of one start: v1 tag v1 on tgt_1',
    ],
    [
      'a slot that was never given back',
      { events: retold((events) => events.slice(0, -1)) },
      'slots come back: it still holds a slot',
    ],
    [
      'a slot that two hold',
      {
        events: retold((events) => events.filter(([, type], index) => type !== 'SlotReleased' || index > 40)),
      },
      'slots come back: it got a slot that pub_1 held',
    ],
    [
      'a slot that was given back by somebody who had none',
      { events: retold(without('SlotGranted')) },
      'slots come back: it gave back a slot that it did not have',
    ],
    [
      'a slot for a publish that has ended',
      { events: retold(alsoAtTheEnd(['slot-tgt_1', 'SlotGranted', { publish_id: published, fence: 30 }])) },
      'slots come back: it got a slot after its end',
    ],
    [
      'a fence that outranks nobody',
      { events: retold(alsoAtTheEnd(['slot-tgt_1', 'SlotGranted', { publish_id: published, fence: 20 }])) },
      'slots come back: fence 20 does not outrank 20',
    ],
    [
      'a place in the line that was never given back',
      { events: retold(alsoAtTheEnd(['slot-tgt_1', 'SlotQueued', { publish_id: published }])) },
      'slots come back: it still stands in line',
    ],
    [
      'a slot that was taken from somebody who had none',
      { events: retold(alsoAtTheEnd(['slot-tgt_1', 'SlotTakenOver', { publish_id: published }])) },
      'slots come back: a slot was taken from it that it did not have',
    ],
    [
      'a target that says something else is active than the log',
      {
        events: retold(
          alsoAtTheEnd([
            'publish-pub_3',
            'TargetStateFound',
            { target_id: 'tgt_1', found: { active_version: 'v1.100.0' } },
          ]),
        ),
      },
      'active as logged: north has v1.101.0, the log says v1.100.0',
    ],
    [
      'a rollback that succeeded without having restored anything',
      {
        events: retold(
          alsoAtTheEnd(
            ['publish-pub_3', 'RollbackRequested', { publish_id: 'pub_3', version: 'v1.101.0' }],
            ['publish-pub_3', 'VersionReactivated', { target_id: 'tgt_1', version: 'v1.101.0' }],
            ['publish-pub_3', 'PublishSucceeded', { publish_id: 'pub_3' }],
          ),
        ),
      },
      'the end fits the events: VersionReactivated without BackupRestored before it',
    ],
    [
      'a lock that is still held',
      { leftovers: ['advisory lock 1-2-1 of m3-backups-locks'] },
      'no lock is leaked: advisory lock 1-2-1 of m3-backups-locks',
    ],
    [
      'a tag that was acknowledged and lost',
      { acknowledged: [{ command: 'tag', version: 'v1.103.0' }] },
      'acknowledged is logged: acknowledged, and not in the log: {"command":"tag","version":"v1.103.0"}',
    ],
    [
      'a publish that was acknowledged and lost',
      { acknowledged: [{ command: 'publish', publish_id: 'pub_9', version: 'v1.101.0' }] },
      'acknowledged is logged: acknowledged, and not in the log: {"command":"publish","publish_id":"pub_9","version":"v1.101.0"}',
    ],
    [
      'a cancellation that was acknowledged and lost',
      { acknowledged: [{ command: 'cancel', publish_id: published }] },
      'acknowledged is logged: acknowledged, and not in the log: {"command":"cancel","publish_id":"pub_1"}',
    ],
    [
      'a rollback that was acknowledged and lost',
      { acknowledged: [{ command: 'rollback', publish_id: 'pub_9' }] },
      'acknowledged is logged: acknowledged, and not in the log: {"command":"rollback","publish_id":"pub_9"}',
    ],
    [
      'a retry that was acknowledged and lost',
      { acknowledged: [{ command: 'retry', publish_id: 'pub_9', retry_of: cancelled }] },
      'acknowledged is logged: acknowledged, and not in the log: {"command":"retry","publish_id":"pub_9","retry_of":"pub_2"}',
    ],
    [
      'a vote that was acknowledged and lost',
      { acknowledged: [{ command: 'vote', approval_id: 'apr_1', by: 'bob', decision: 'reject' }] },
      'acknowledged is logged: acknowledged, and not in the log: {"command":"vote","approval_id":"apr_1","by":"bob","decision":"reject"}',
    ],
  ])('%s', (_what, planted, violation) => {
    expect(found(planted)).toContain(violation);
  });

  it('which publish it is about', () => {
    const [violation] = check({ ...soundRun, events: retold(without('PublishCancelled')) });
    expect(violation).toMatchObject({ publish_id: cancelled });
  });
});
