import type { QualityGate } from './quality-gate.js';
import { security } from './security.js';
import { workflowValidation } from './workflow-validation.js';

/** All quality gates. They do not depend on each other and run side by side. A new gate is a file and a line here. */
export const qualityGates: readonly QualityGate[] = [workflowValidation, security];
