import { parseVersion, versionPatternFault } from '@m3/artifacts';
import type { DocumentFault, PartialTargetDocument as PartialDocument, ProblemCode } from '@m3/contracts';
import { approvalRule, cronFault, type CronTimes } from '@m3/policies';
import { nearMiss, type ReadDocument } from './document-shape.js';
import { isRole, knownRoles } from './roles.js';

type Field = keyof PartialDocument;

/** A rule is asked only when the fields that it reads are of the right form. */
interface DocumentRule {
  readonly reads: readonly Field[];
  readonly faults: (document: PartialDocument) => readonly DocumentFault[];
}

/** What contradicts itself in a document, all at once. */
export function contradictions({ sound, faulty }: ReadDocument): readonly DocumentFault[] {
  return rules.filter(({ reads }) => !reads.some((field) => faulty.has(field))).flatMap(({ faults }) => faults(sound));
}

const fault = (code: ProblemCode, field: string, message: string): DocumentFault => ({ code, field, message });

/** The block that belongs to each type of target; a block of another type contradicts it. */
const blockOf = { schedule: 'scheduled', emergency: 'emergency' } as const;
const blockNames = ['schedule', 'emergency'] as const;

const rules: readonly DocumentRule[] = [
  { reads: ['name'], faults: unseenFaults },
  { reads: ['type', ...blockNames], faults: typeFaults },
  { reads: ['type', 'schedule'], faults: scheduleFaults },
  { reads: ['schedule'], faults: ({ schedule }) => (schedule ? timesFaults(schedule, '/schedule') : []) },
  {
    reads: ['windows'],
    faults: ({ windows = [] }) => windows.flatMap((window, index) => timesFaults(window, `/windows/${index}`)),
  },
  { reads: ['triggers'], faults: triggerFaults },
  { reads: ['type', 'access', 'approvals'], faults: quorumFaults },
  { reads: ['access', 'emergency'], faults: roleFaults },
  { reads: ['deployment_strategy', 'blue_green', 'canary'], faults: strategyBlockFaults },
  { reads: ['deployment_strategy', 'deployment'], faults: oneAtATimeFaults },
  { reads: ['blue_green'], faults: trafficFaults },
  { reads: ['canary'], faults: canaryFaults },
  { reads: ['name', 'promotion'], faults: promotionFaults },
  { reads: ['gateway_url'], faults: gatewayFaults },
  { reads: ['gates'], faults: gateFaults },
];

/** Names are read, typed and searched for by people, in terminals too. */
function unseenFaults({ name = '' }: PartialDocument): readonly DocumentFault[] {
  if (name === name.trim() && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(name)) return [];
  const message = 'name must not begin or end with a blank, nor hold line breaks or other characters that nobody sees';
  return [fault('invalid_value', '/name', message)];
}

function typeFaults(document: PartialDocument): readonly DocumentFault[] {
  return blockNames.flatMap((block) =>
    document[block] === undefined || document.type === blockOf[block]
      ? []
      : [
          fault(
            'block_of_other_type',
            `/${block}`,
            `${block} is for targets of type ${blockOf[block]}; this one is ${String(document.type)}: leave it out`,
          ),
        ],
  );
}

function scheduleFaults({ type, schedule }: PartialDocument): readonly DocumentFault[] {
  if (type !== 'scheduled') return [];
  if (schedule === undefined)
    return [
      fault('schedule_missing', '/schedule', 'a scheduled target needs a schedule: cron, timezone and a version'),
    ];
  const { deploy_latest_version = false, version } = schedule;
  if (version === undefined) {
    const message = 'say deploy_latest_version: true, or pin a version';
    return deploy_latest_version ? [] : [fault('schedule_version_missing', '/schedule/deploy_latest_version', message)];
  }
  if (deploy_latest_version)
    return [fault('schedule_ambiguous', '/schedule/version', 'leave out version, or deploy_latest_version')];
  const known = parseVersion(version) !== null;
  return known ? [] : [fault('invalid_version', '/schedule/version', 'use a semantic version such as v1.3.0')];
}

function timesFaults(times: CronTimes, at: string): readonly DocumentFault[] {
  const wrong = cronFault({ cron: times.cron, timezone: times.timezone });
  return wrong ? [fault(wrong.code, `${at}/${wrong.field}`, wrong.detail)] : [];
}

function triggerFaults({ triggers }: PartialDocument): readonly DocumentFault[] {
  const pattern = triggers?.version_pattern;
  const wrong = pattern === undefined ? null : versionPatternFault(pattern);
  return wrong === null ? [] : [fault('invalid_version_pattern', '/triggers/version_pattern', wrong)];
}

function quorumFaults({ type, access = {}, approvals = {} }: PartialDocument): readonly DocumentFault[] {
  const lists = [access.allowed_approvers, approvals.allowed_approvers].filter((list) => list !== undefined);
  if (type === undefined || lists.length === 0) return [];
  const { quorum, approvers } = approvalRule({ type, access, approvals });
  if (quorum <= approvers.length) return [];
  const field = approvals.min_approvals === quorum ? '/approvals/min_approvals' : '/access/require_approvals';
  const who = lists.length === 2 ? 'people who are in both lists' : 'people';
  const message = `${quorum} approvals are asked for, and only ${approvers.length} ${who} may give them`;
  return [fault('quorum_unreachable', field, message)];
}

function roleFaults({ access, emergency }: PartialDocument): readonly DocumentFault[] {
  return [
    ...roleListFaults(access?.allowed_roles, '/access/allowed_roles'),
    ...roleListFaults(access?.override_roles, '/access/override_roles'),
    ...roleListFaults(emergency?.allowed_roles, '/emergency/allowed_roles'),
  ];
}

function roleListFaults(roles: readonly string[] = [], at: string): readonly DocumentFault[] {
  return roles.flatMap((role, index) => {
    if (isRole(role)) return [];
    const guess = nearMiss(role, knownRoles);
    const remedy = guess === null ? `roles are ${knownRoles.join(', ')}` : `did you mean ${guess}?`;
    return [fault('unknown_role', `${at}/${index}`, `this is no role of the product; ${remedy}`)];
  });
}

function strategyBlockFaults(document: PartialDocument): readonly DocumentFault[] {
  const { deployment_strategy: strategy = 'all_at_once' } = document;
  return (['blue_green', 'canary'] as const).flatMap((block) => {
    if (document[block] === undefined || strategy === block) return [];
    const message = `${block} is for the deployment_strategy ${block}; this one is ${strategy}: leave it out`;
    return [fault('strategy_block_without_strategy', `/${block}`, message)];
  });
}

/** While traffic is split between two versions there is no room for a third one. */
function oneAtATimeFaults({ deployment_strategy: strategy = 'all_at_once', deployment }: PartialDocument) {
  if (strategy === 'all_at_once' || (deployment?.max_concurrent_deployments ?? 1) === 1) return [];
  const message = `${strategy} splits traffic between two versions: one deployment at a time, not ${String(deployment?.max_concurrent_deployments)}`;
  return [fault('strategy_one_at_a_time', '/deployment/max_concurrent_deployments', message)];
}

function trafficFaults({ blue_green }: PartialDocument): readonly DocumentFault[] {
  const split = blue_green?.traffic_split;
  if (split === undefined) return [];
  if (split.blue + split.green !== 100) {
    const message = `blue and green add up to 100, not ${split.blue + split.green}`;
    return [fault('traffic_split_not_100', '/blue_green/traffic_split', message)];
  }
  if (split.green > 0) return [];
  const message = 'green, the new version, needs a share to be judged by; for none at all use all_at_once';
  return [fault('invalid_value', '/blue_green/traffic_split/green', message)];
}

function canaryFaults({ canary }: PartialDocument): readonly DocumentFault[] {
  const weights = (canary?.steps ?? [{ weight: 100 }]).map(({ weight }) => weight);
  const rising = weights.every((weight, index) => weight > (weights[index - 1] ?? 0));
  if (rising && weights.at(-1) === 100) return [];
  return [fault('canary_steps_not_rising', '/canary/steps', 'weights rise from step to step, and the last is 100')];
}

function promotionFaults({ name, promotion }: PartialDocument): readonly DocumentFault[] {
  if (promotion === undefined || promotion.from !== name) return [];
  return [fault('promotion_from_itself', '/promotion/from', 'name another target that a version has to pass first')];
}

function gatewayFaults({ gateway_url }: PartialDocument): readonly DocumentFault[] {
  if (gateway_url === undefined) return [];
  if (!URL.canParse(gateway_url))
    return [fault('invalid_value', '/gateway_url', 'gateway_url must be an http:// or https:// address with a host')];
  const { username, password, search, hash } = new URL(gateway_url);
  const bare = [username, password, search, hash].every((part) => part === '');
  const message = 'leave user, password, query and fragment out of gateway_url: it is shown to everybody';
  return bare ? [] : [fault('credentials_in_url', '/gateway_url', message)];
}

function gateFaults({ gates = {} }: PartialDocument): readonly DocumentFault[] {
  const external = gates.external ?? [];
  const names = external.map(({ name }) => name);
  const repeated = names.flatMap((name, index) => {
    if (names.indexOf(name) === index) return [];
    return [fault('duplicate_gate', `/gates/external/${index}/name`, 'each external gate needs a name of its own')];
  });
  const urls = external.flatMap(({ url }, index) => externalUrlFaults(url, `/gates/external/${index}/url`));
  return [...repeated, ...urls, ...roleListFaults(gates.override?.allowed_roles, '/gates/override/allowed_roles')];
}

function externalUrlFaults(url: string, at: string): readonly DocumentFault[] {
  if (!URL.canParse(url)) return [fault('invalid_value', at, 'url must be an http:// or https:// address with a host')];
  const { username, password } = new URL(url);
  if (username === '' && password === '') return [];
  return [
    fault('credentials_in_url', at, 'leave user and password out of url, which everybody sees: calls are signed'),
  ];
}
