import { Type, type Static } from '@sinclair/typebox';
import { idPattern } from './ids.js';

const closed = { additionalProperties: false } as const;

/** Names of gates: shown in history, named in overrides. An external gate is called `external:<its name>`. */
export const GateName = Type.String({ pattern: '^[a-z][a-z0-9_-]{0,49}(:[a-z0-9][a-z0-9_-]{0,49})?$' });

/** A secret that may stay where it is: its digest as findings show it, and why. */
export const AllowedSecret = Type.Object(
  { digest: Type.String({ pattern: '^[0-9a-f]{12}$' }), reason: Type.String({ minLength: 1, maxLength: 2000 }) },
  closed,
);
export type AllowedSecret = Static<typeof AllowedSecret>;

/**
 * Repeated executions of each workflow: measured ones (a 95th percentile of fewer than 20 is chance), ones that only warm
 * up, and how many run side by side.
 */
export const PerformanceSettings = Type.Object(
  {
    samples: Type.Optional(Type.Integer({ minimum: 20, maximum: 10_000 })),
    warm_up: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000 })),
    concurrency: Type.Optional(Type.Integer({ minimum: 1, maximum: 64 })),
  },
  closed,
);
export type PerformanceSettings = Static<typeof PerformanceSettings>;

const externalGateFields = {
  name: Type.String({ pattern: '^[a-z0-9][a-z0-9_-]{0,49}$' }),
  url: Type.String({ pattern: '^https?://', maxLength: 500 }),
  timeout_seconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 86_400 })),
};

/** An HTTP endpoint that judges. Absent `secret_ref`: it is signed with the setting of the gates service under its name. */
export const ExternalGateSettings = Type.Object(
  { ...externalGateFields, secret_ref: Type.Optional(Type.String({ pattern: idPattern('secret') })) },
  closed,
);
export type ExternalGateSettings = Static<typeof ExternalGateSettings>;

/** What calls of an external gate are signed with: as Standard Webhooks write it, whole groups of base64. */
export const SigningSecret = Type.String({
  pattern: '^whsec_([A-Za-z0-9+/]{4}){4,40}([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$',
  description: 'whsec_ followed by 12 to 122 bytes in base64',
});

/** The same as operators write it: with its secret, which is sealed before anything is stored and never shown. */
export const ExternalGateDocument = Type.Object(
  { ...externalGateFields, secret: Type.Optional(SigningSecret) },
  closed,
);

/** Who may let a publish go on although a gate did not pass, and for how long it waits for that. */
export const OverrideRule = Type.Object(
  {
    allowed_roles: Type.Array(Type.String({ minLength: 1, maxLength: 50 }), {
      minItems: 1,
      maxItems: 50,
      uniqueItems: true,
    }),
    wait_minutes: Type.Integer({ minimum: 1, maximum: 10_080 }),
  },
  closed,
);
export type OverrideRule = Static<typeof OverrideRule>;

/** What a target says about its quality gates beside the thresholds; what it leaves open has defaults in the gates. */
export const gateSettingFields = {
  /** Percent of the bundle's unit tests. */
  unit_pass_rate: Type.Optional(Type.Number({ minimum: 0, maximum: 100 })),
  /** Whether the bundle must have tests; `if_present` runs those that it has. */
  integration: Type.Optional(Type.Union([Type.Literal('required'), Type.Literal('if_present'), Type.Literal('off')])),
  test_timeout_seconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 3_600 })),
  /** Absent: not measured. */
  performance: Type.Optional(PerformanceSettings),
  allowed_secrets: Type.Optional(Type.Array(AllowedSecret, { maxItems: 200 })),
  /** How old the list of known vulnerabilities may be. */
  vulnerabilities_max_age_days: Type.Optional(Type.Integer({ minimum: 1, maximum: 3_650 })),
  external: Type.Optional(Type.Array(ExternalGateSettings, { maxItems: 20 })),
  override: Type.Optional(OverrideRule),
};
export const GateSettings = Type.Object(gateSettingFields, closed);
export type GateSettings = Static<typeof GateSettings>;
