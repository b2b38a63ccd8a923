import { compareVersions } from '@m3/artifacts';
import { newId, targetNameStream, type CheckResult } from '@m3/contracts';
import { example } from '../domain/publish.fixtures.js';
import { context, created, type deployment } from './deployment.fixture.spec.js';
import type { Story } from './plan-stories.fixture.spec.js';

/** What surrounds a story: the target that a version is promoted from, and what the checks of the gates service find. */

type Life = ReturnType<typeof deployment>;

const staging = 'tgt_01930d8c-0000-7000-8000-0000000000aa';
const minutesAgo = (minutes: number): string =>
  new Date(Date.parse(context.occurredAt) - minutes * 60_000).toISOString();

/** The past of the version on the target `Staging`. */
export async function promote({ promoted, release }: Story, { say, ofTarget, setClock }: Life): Promise<void> {
  if (promoted === 'no_such_target') return;
  const { project, version } = release;
  const named = { ...example('TargetNamed'), name: 'Staging', target_id: staging };
  await say(targetNameStream('Staging'), { type: 'TargetNamed', data: named });
  await ofTarget(created({ name: 'Staging' }, staging), staging);
  if (promoted === 'not_succeeded') return;
  const publish_id = newId('publish');
  const triggered = example('PublishTriggered');
  const target = { ...triggered.target, target_id: staging };
  await say(`version-${project}:${version}`, {
    type: 'PublishTriggered',
    data: { ...triggered, publish_id, project, version, target },
  });
  setClock(minutesAgo(promoted === 'soaking' ? 10 : 120));
  const succeeded = { ...example('PublishSucceeded'), publish_id, target_id: staging };
  await say(`publish-${publish_id}`, { type: 'PublishSucceeded', data: succeeded });
  setClock(minutesAgo(5));
  if (promoted === 'rolled_back') {
    const held = { target_id: staging, reason: 'rolled back', vetoed: { project, version } };
    await ofTarget({ type: 'TargetHeld', data: held }, staging);
  }
  setClock(context.occurredAt);
}

/** What pre-publish validation finds, whoever asks for it. */
export function checksOf(told: Story): CheckResult[] {
  const faults = faultsOf(told);
  return ['gateway', 'database', 'compatibility', 'capacity', 'backup_storage'].map((name) => {
    const code = faults.find(([check]) => check === name)?.[1];
    const common = { name, duration_ms: 1, log: [] };
    if (code === undefined) return { ...common, outcome: 'passed', message: 'it is well', findings: [] };
    const message = `it is not: ${code}`;
    return { ...common, outcome: 'failed', message, findings: [{ code, severity: 'error', message }] };
  });
}

function faultsOf(told: Story): [string, string][] {
  const faults: [string, string][] = [];
  if (told.gateway === 'away') faults.push(['gateway', 'connection_refused']);
  if (!told.answers) faults.push(['database', 'timeout']);
  if (told.gateway === 'too_old') faults.push(['compatibility', 'marie_version']);
  else if (isOlder(told)) faults.push(['compatibility', 'older_than_active']);
  if (told.gateway === 'full') faults.push(['capacity', 'no_capacity']);
  return faults;
}

function isOlder({ release, active, allow_older }: Story): boolean {
  return active !== null && !allow_older && compareVersions(release.version, active.version) < 0;
}
