import type { GateSettings } from '@m3/contracts';
import { externalGate, type ExternalGateParts } from './external.js';
import type { Gate } from './gate.js';
import { integrationTests } from './integration-tests.js';
import { performanceTests } from './performance.js';
import { security } from './security.js';
import type { KnownVulnerabilities } from './vulnerability-report.js';
import { workflowValidation } from './workflow-validation.js';

export interface GateParts {
  readonly vulnerabilities: KnownVulnerabilities;
  readonly external: ExternalGateParts;
}

/** All quality gates, in the order in which results are shown. A new gate is a file and a line here. */
export function qualityGates({ vulnerabilities, external }: GateParts): (settings: GateSettings) => readonly Gate[] {
  const own = [workflowValidation, security(vulnerabilities), integrationTests, performanceTests];
  return ({ external: endpoints = [] }) => [...own, ...endpoints.map((endpoint) => externalGate(endpoint, external))];
}
