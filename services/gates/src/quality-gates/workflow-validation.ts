import { validateBundle } from '@m3/artifacts';
import { GateThresholds } from '@m3/contracts';
import { Type } from '@sinclair/typebox';
import { failed, inconclusive, passed } from '../domain/check.js';
import { defineGate } from './gate.js';

/** Every workflow can be scheduled and executed (spec section 7). Warnings fail only where the target says so. */
export const workflowValidation = defineGate({
  name: 'workflow_validation',
  pace: 'at_once',
  checks: 'every workflow can be scheduled and executed',
  input: Type.Pick(GateThresholds, ['fail_on_warnings']),
  limits: ({ fail_on_warnings }) => ['no error', ...(fail_on_warnings ? ['no warning'] : [])],
  run({ fail_on_warnings }, { bundle }) {
    const findings = validateBundle(bundle);
    const errors = findings.filter(({ severity }) => severity === 'error').length;
    const warnings = findings.length - errors;
    if (bundle.workflows.length + bundle.agents.length + bundle.processors.length === 0) {
      return Promise.resolve(inconclusive('the bundle has no artifact to validate'));
    }
    const summary = `${errors} errors and ${warnings} warnings in ${bundle.workflows.length} workflows`;
    if (errors === 0 && !(fail_on_warnings && warnings > 0)) return Promise.resolve(passed(summary, { findings }));
    return Promise.resolve(failed(`${findings[0]?.message ?? summary} (${summary})`, { findings }));
  },
});
