import { validateBundle } from '@m3/artifacts';
import { failed, inconclusive, passed } from '../domain/check.js';
import type { QualityGate } from './quality-gate.js';

/** Every workflow can be scheduled and executed (spec section 7). Warnings fail only where the target says so. */
export const workflowValidation: QualityGate = {
  name: 'workflow_validation',
  run({ bundle, thresholds }) {
    const findings = validateBundle(bundle);
    const errors = findings.filter(({ severity }) => severity === 'error').length;
    const warnings = findings.length - errors;
    const count = `${bundle.workflows.length} workflows`;
    if (bundle.workflows.length + bundle.agents.length + bundle.processors.length === 0) {
      return Promise.resolve(inconclusive('the bundle has no artifact to validate'));
    }
    const bad = errors > 0 || (warnings > 0 && thresholds.fail_on_warnings);
    const summary = `${errors} errors and ${warnings} warnings in ${count}`;
    if (bad) return Promise.resolve(failed(`${findings[0]?.message ?? summary} (${summary})`, { findings }));
    return Promise.resolve(passed(summary, { findings }));
  },
};
