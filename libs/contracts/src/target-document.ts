import { Type, type Static, type TSchema } from '@sinclair/typebox';
import { ExternalGateDocument, ExternalGateSettings, gateSettingFields } from './gate-settings.js';
import { closed, Environment, PersonId, ProjectName, TargetType } from './shapes.js';

const percent = Type.Number({ minimum: 0, maximum: 100 });
const wholePercent = Type.Integer({ minimum: 0, maximum: 100 });
const hours = Type.Number({ exclusiveMinimum: 0, maximum: 8760 });
const roles = Type.Array(Type.String({ minLength: 1, maxLength: 50 }), { maxItems: 50, uniqueItems: true });
const people = Type.Array(PersonId, { maxItems: 200, uniqueItems: true });

const cron = Type.String({ minLength: 1, maxLength: 100, description: 'five fields, such as 0 2 * * 2' });
const timezone = Type.String({ minLength: 1, maxLength: 100, description: 'IANA name, such as America/New_York' });

/** When publishing is allowed: from each time that the cron names, for so long. */
export const PublishWindow = Type.Object(
  { cron, duration_minutes: Type.Integer({ minimum: 1, maximum: 10_080 }), timezone },
  closed,
);
export type PublishWindow = Static<typeof PublishWindow>;

/** A version has to have succeeded on another target, and stayed there for a while. */
export const Promotion = Type.Object(
  {
    from: Type.String({ minLength: 1, maxLength: 100 }),
    soak_minutes: Type.Optional(Type.Integer({ minimum: 0, maximum: 100_000 })),
  },
  closed,
);
export type Promotion = Static<typeof Promotion>;

/** How many executions a share of the traffic is judged by, and how long they are waited for. */
const judgement = {
  min_requests: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
  extend_seconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 86_400 })),
};

/** Both versions serve for a while, then all executions go to the new one (green). */
export const BlueGreenBlock = Type.Object(
  {
    switch_after_seconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 86_400 })),
    traffic_split: Type.Optional(Type.Object({ blue: wholePercent, green: wholePercent }, closed)),
    rollback_on_error_rate: Type.Optional(percent),
    ...judgement,
  },
  closed,
);
export type BlueGreenBlock = Static<typeof BlueGreenBlock>;

/** Steps of growing weight, each judged before the next. */
export const CanaryBlock = Type.Object(
  {
    steps: Type.Optional(
      Type.Array(
        Type.Object(
          {
            weight: Type.Integer({ minimum: 1, maximum: 100 }),
            pause_seconds: Type.Integer({ minimum: 0, maximum: 86_400 }),
          },
          closed,
        ),
        { minItems: 1, maxItems: 20 },
      ),
    ),
    max_error_rate: Type.Optional(percent),
    max_p95_ms: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
    ...judgement,
  },
  closed,
);
export type CanaryBlock = Static<typeof CanaryBlock>;

const gates = <External extends TSchema>(external: External) =>
  Type.Optional(
    Type.Object(
      {
        integration_pass_rate: Type.Optional(percent),
        p95_ms: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
        error_rate: Type.Optional(percent),
        fail_on_warnings: Type.Optional(Type.Boolean()),
        ...gateSettingFields,
        external: Type.Optional(Type.Array(external, { maxItems: 20 })),
      },
      closed,
    ),
  );

const blocks = {
  deployment: Type.Optional(
    Type.Object(
      {
        timeout_seconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 86_400 })),
        max_concurrent_deployments: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
        require_backup: Type.Optional(Type.Boolean()),
        run_smoke_tests: Type.Optional(Type.Boolean()),
      },
      closed,
    ),
  ),
  access: Type.Optional(
    Type.Object(
      {
        allowed_roles: Type.Optional(roles),
        require_approvals: Type.Optional(Type.Integer({ minimum: 0, maximum: 100 })),
        approval_timeout_hours: Type.Optional(hours),
        allowed_approvers: Type.Optional(people),
        /** Who may publish outside of the windows, or in a freeze. Default: admin. */
        override_roles: Type.Optional(roles),
      },
      closed,
    ),
  ),
  triggers: Type.Optional(
    Type.Object(
      {
        on_version_tag: Type.Optional(Type.Boolean()),
        version_pattern: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
        branch: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
        /** Only versions of this project. Default: of any. */
        project: Type.Optional(ProjectName),
      },
      closed,
    ),
  ),
  approvals: Type.Optional(
    Type.Object(
      {
        min_approvals: Type.Optional(Type.Integer({ minimum: 0, maximum: 100 })),
        allowed_approvers: Type.Optional(people),
        timeout_hours: Type.Optional(hours),
        auto_reject_on_timeout: Type.Optional(Type.Boolean()),
        allow_self_approval: Type.Optional(Type.Boolean()),
      },
      closed,
    ),
  ),
  schedule: Type.Optional(
    Type.Object(
      {
        cron,
        timezone,
        deploy_latest_version: Type.Optional(Type.Boolean()),
        version: Type.Optional(Type.String({ maxLength: 100 })),
        /** Reviewers and channels are told this long before each occurrence. */
        announce_minutes_before: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_080 })),
      },
      closed,
    ),
  ),
  emergency: Type.Optional(
    Type.Object(
      {
        require_justification: Type.Optional(Type.Boolean()),
        allowed_roles: Type.Optional(roles),
        audit_trail: Type.Optional(Type.Boolean()),
        post_deploy_review: Type.Optional(Type.Boolean()),
      },
      closed,
    ),
  ),
  backups: Type.Optional(
    Type.Object(
      {
        keep_last: Type.Optional(
          Type.Integer({ minimum: 1, maximum: 1000, description: 'the newest so many stay, whatever their age' }),
        ),
        keep_days: Type.Optional(
          Type.Integer({ minimum: 0, maximum: 3650, description: 'younger ones stay, however many they are' }),
        ),
      },
      closed,
    ),
  ),
  deployment_strategy: Type.Optional(
    Type.Union([Type.Literal('all_at_once'), Type.Literal('blue_green'), Type.Literal('canary')]),
  ),
  blue_green: Type.Optional(BlueGreenBlock),
  canary: Type.Optional(CanaryBlock),
  windows: Type.Optional(Type.Array(PublishWindow, { minItems: 1, maxItems: 50 })),
  promotion: Type.Optional(Promotion),
};

const identity = {
  name: Type.String({ minLength: 1, maxLength: 100 }),
  environment: Environment,
  type: TargetType,
  enabled: Type.Optional(Type.Boolean()),
  region: Type.Optional(Type.String({ maxLength: 50 })),
  gateway_id: Type.String({ minLength: 1, maxLength: 100 }),
  gateway_url: Type.String({ pattern: '^https?://', maxLength: 500, description: 'an http:// or https:// address' }),
  health_check_interval_seconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 86_400 })),
  schema: Type.String({
    pattern: '^[a-z_][a-z0-9_]{0,62}$',
    description: 'lower-case letters, digits and _, not beginning with a digit, 63 characters at most',
  }),
};

/** A target as operators write it (spec section 4). Holds secrets: never stored, logged or replied as it is. */
export const TargetDocument = Type.Object(
  {
    ...identity,
    database_url: Type.String({
      pattern: '^postgres(ql)?://',
      maxLength: 1000,
      description: 'postgresql://user:password@host:port/name',
    }),
    ...blocks,
    gates: gates(ExternalGateDocument),
  },
  { ...closed, $id: 'TargetDocument' },
);
export type TargetDocument = Static<typeof TargetDocument>;

/** The same without its secrets: what events hold and replies show. Those of external gates are references. */
export const StoredTargetDocument = Type.Object({ ...identity, ...blocks, gates: gates(ExternalGateSettings) }, closed);
export type StoredTargetDocument = Static<typeof StoredTargetDocument>;

/** The fields of a document that are of the right form, where others may not be. */
export const PartialTargetDocument = Type.Partial(TargetDocument, { $id: 'PartialTargetDocument' });
export type PartialTargetDocument = Static<typeof PartialTargetDocument>;
