import type { PlanRefusal } from '@m3/contracts';
import { publishRefusals } from '@m3/policies';
import type { PlanFacts } from './plan.facts.js';
import { remediesOf } from './plan.remedies.js';
import { checkCode, didNotPass } from './publish.checks.js';
import { isOlder } from './publish.deploy.js';

type Refused = Omit<PlanRefusal, 'unblocked_by'>;

/** Why the request would be refused, or the publish fail whatever it waits for, in the order in which one would meet it. */
export function planRefusals(facts: PlanFacts): readonly PlanRefusal[] {
  const { target, asked } = facts;
  const refused: readonly Refused[] = [
    ...publishRefusals(target, asked).map((refusal) => ({ at: 'request' as const, ...refusal })),
    ...unknownVersion(facts),
    ...validationRefusals(facts),
    ...otherContents(facts),
  ];
  return refused.map((refusal) => ({ ...refusal, unblocked_by: remediesOf(refusal, facts) }));
}

function unknownVersion({ tagged }: PlanFacts): Refused[] {
  if (tagged !== null) return [];
  return [{ at: 'request', code: 'version_not_found', detail: 'no such version was tagged', field: 'version' }];
}

/** What the checks say, under the codes that the publish would fail with; where they could not be asked, what is known here. */
function validationRefusals(facts: PlanFacts): readonly Refused[] {
  const { validation } = facts;
  if (validation.source === 'unknown') return [...unreachable(facts), ...olderThanActive(facts)];
  const bad = didNotPass(validation.checks);
  return bad.map((check) => {
    const code = checkCode(check, 'validation', bad);
    const detail = `${check.name}: ${check.message}`;
    return { at: 'validating', code, detail, ...(code === olderCode ? { field: 'allow_older' } : {}) };
  });
}

const olderCode = 'older_than_active';

function unreachable({ unreachable: fault }: PlanFacts): Refused[] {
  return fault ? [{ at: 'validating', code: fault.code, detail: fault.reason }] : [];
}

function olderThanActive({ asked, basis }: PlanFacts): Refused[] {
  const active = basis.active?.version ?? null;
  if (!isOlder(asked, active)) return [];
  const detail = `${asked.version} is older than ${active}, which is active; ask for it with allow_older`;
  return [{ at: 'validating', code: olderCode, detail, field: 'allow_older' }];
}

function otherContents({ asked, tagged, sameVersion }: PlanFacts): Refused[] {
  if (tagged === null || sameVersion === null || sameVersion === tagged.bundle_digest) return [];
  const detail = `${asked.version} is on the target already, with other contents (${sameVersion})`;
  return [{ at: 'deploying', code: 'version_conflict', detail }];
}
