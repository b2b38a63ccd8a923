import { check } from './checker/check.js';
import { cancelled, retold, soundRun } from './checker/sound-run.fixture.spec.js';
import { report, type ChaosResult } from './report.js';

const sound: ChaosResult = {
  size: { seed: 42, faults: 3, actions: 2 },
  evidence: soundRun,
  violations: [],
  faults: new Map([
    ['kill_service', 2],
    ['wipe_bus', 1],
  ]),
  looks: 1234,
  refused: new Map([['publish_ended', 1]]),
  unanswered: new Map(),
  seconds: 7,
};

it('gives the figures of a run', () => {
  expect(report(sound).split('\n')).toEqual([
    'seed 42',
    '3 faults (2 kill_service, 1 wipe_bus)',
    '2 publishes checked (0 rollbacks, 0 retries, 1 put back by themselves): 1 cancelled, 1 succeeded',
    '4 commands acknowledged, 1 refused (1 publish_ended), 0 without an answer',
    '40 events, 1234 looks at targets',
    '0 violations',
    '7 seconds',
  ]);
});

it('tells the story of the publish at fault, and how to have it again', () => {
  const evidence = { ...soundRun, events: retold((events) => events.filter(([, type]) => type !== 'BackupRestored')) };
  const text = report({ ...sound, evidence, violations: check(evidence) });
  expect(text).toContain(
    `✗ the end fits the events: ${cancelled} PublishCancelled, but what it wrote was not taken back`,
  );
  expect(text).toContain(`The story of ${cancelled}:`);
  expect(text).toMatch(/2026-03-19T14:23:45.000Z \d+ RestoreRequested fence=21/);
  expect(text).toContain(`acknowledged: {"command":"cancel","publish_id":"${cancelled}"}`);
  expect(text).toContain('Again: npm run chaos -- --seed 42 --faults 3 --actions 2 --keep');
});
