import type { PlanRefusal } from '@m3/contracts';
import { allowedRoles, targetManagers } from '@m3/policies';
import { withRole } from './plan.blocks.js';
import type { PlanFacts } from './plan.facts.js';

type Remedies = PlanRefusal['unblocked_by'];

/** Who can do something about a refusal, and what. */
export function remediesOf({ at, code }: Pick<PlanRefusal, 'at' | 'code'>, { asked, target }: PlanFacts): Remedies {
  const { project, version, caller } = asked;
  const you = caller.id;
  switch (code) {
    case 'target_disabled':
      return targetManagers.map((role) => ({ who: withRole(role), how: 'm3-publish target enable' }));
    case 'not_allowed':
      return (allowedRoles(target.document) ?? []).map((role) => ({
        who: withRole(role),
        how: 'asks for the publish',
      }));
    case 'justification_required':
      return [{ who: you, how: 'gives a reason' }];
    case 'version_not_found':
      return [{ who: 'whoever releases it', how: `m3-publish version tag ${version}, of ${project}` }];
    case 'older_than_active':
      return [{ who: you, how: 'asks for it with allow_older' }];
    case 'version_conflict':
      return [{ who: 'whoever releases it', how: 'tags the contents as another version' }];
    case 'marie_version':
      return [{ who: 'whoever runs the gateway', how: 'brings it to a version that the release is made for' }];
    case 'no_capacity':
      return [{ who: 'whoever runs the gateway', how: 'waits for executions to end, or adds executors' }];
    default:
      return at === 'validating'
        ? [
            {
              who: 'whoever runs the target',
              how: `mends it; m3-publish target check "${target.document.name}" looks again`,
            },
          ]
        : [];
  }
}
