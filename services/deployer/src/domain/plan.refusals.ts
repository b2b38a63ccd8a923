import type { PlanRefusal } from '@m3/contracts';
import { publishRefusals } from '@m3/policies';
import type { PlanFacts } from './plan.facts.js';
import { isOlder } from './publish.deploy.js';

/** Why the request would be refused, or the publish fail whatever it waits for, in the order in which one would meet it. */
export function planRefusals(facts: PlanFacts): readonly PlanRefusal[] {
  const { target, asked, unreachable } = facts;
  return [
    ...publishRefusals(target, asked).map((refusal) => ({ at: 'request' as const, ...refusal })),
    ...unknownVersion(facts),
    ...(unreachable ? [{ at: 'validating' as const, code: unreachable.code, detail: unreachable.reason }] : []),
    ...olderThanActive(facts),
    ...otherContents(facts),
  ];
}

function unknownVersion({ tagged }: PlanFacts): PlanRefusal[] {
  if (tagged !== null) return [];
  return [{ at: 'request', code: 'version_not_found', detail: 'no such version was tagged', field: 'version' }];
}

function olderThanActive({ asked, basis }: PlanFacts): PlanRefusal[] {
  const active = basis.active?.version ?? null;
  if (!isOlder(asked, active)) return [];
  const detail = `${asked.version} is older than ${active}, which is active; ask for it with allow_older`;
  return [{ at: 'validating', code: 'older_than_active', detail, field: 'allow_older' }];
}

function otherContents({ asked, tagged, sameVersion }: PlanFacts): PlanRefusal[] {
  if (tagged === null || sameVersion === null || sameVersion === tagged.bundle_digest) return [];
  const detail = `${asked.version} is on the target already, with other contents (${sameVersion})`;
  return [{ at: 'deploying', code: 'version_conflict', detail }];
}
