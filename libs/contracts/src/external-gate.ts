import { Type, type Static } from '@sinclair/typebox';
import { closed, Finding, Id, Timestamp, VersionName, ProjectName, Sha256, Environment } from './shapes.js';

/** What an external gate is asked, signed as Standard Webhooks ask. `webhook-id` stays the same when it is asked again. */
export const ExternalGateRequest = Type.Object(
  {
    type: Type.Literal('gate.requested'),
    timestamp: Timestamp,
    data: Type.Object(
      {
        gate_run_id: Id('gateRun'),
        publish_id: Id('publish'),
        gate: Type.String(),
        project: ProjectName,
        version: VersionName,
        bundle_digest: Sha256,
        target: Type.String(),
        environment: Environment,
        /** Where a verdict that comes later is sent, once, by POST; the address holds the one-time token. */
        callback_url: Type.String(),
        deadline_at: Timestamp,
      },
      closed,
    ),
  },
  closed,
);
export type ExternalGateRequest = Static<typeof ExternalGateRequest>;

const said = {
  message: Type.Optional(Type.String({ maxLength: 1_000 })),
  findings: Type.Optional(Type.Array(Finding, { maxItems: 100 })),
};

/** The verdict of an external gate: its answer, or the body of its callback. */
export const ExternalVerdict = Type.Object(
  { outcome: Type.Union([Type.Literal('pass'), Type.Literal('fail')]), ...said },
  closed,
);
export type ExternalVerdict = Static<typeof ExternalVerdict>;

/** What an external gate answers: its verdict, or that it calls back. */
export const ExternalGateAnswer = Type.Union([
  ExternalVerdict,
  Type.Object({ outcome: Type.Literal('pending'), message: said.message }, closed),
]);
export type ExternalGateAnswer = Static<typeof ExternalGateAnswer>;
