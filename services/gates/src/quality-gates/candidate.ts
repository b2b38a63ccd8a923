import { describeTargetFault } from '@m3/target-access';
import type { TargetEnvironment, WorkflowRun } from '@m3/target-environment';
import { failed, inconclusive, type Verdict } from '../domain/check.js';
import type { GateContext } from './gate.js';

/** A version on its target's gateway before anything of it is active: its workflows are registered under immutable names. */
export interface Candidate {
  /** Runs a workflow of the version, never of what is active. */
  run(workflow: string, input: Readonly<Record<string, unknown>>, deadlineMs: number): Promise<CandidateRun>;
}

/**
 * `ran`: the gateway took it, and this came of it. `not_run`: the gateway could not be asked, or did not start it; that
 * says nothing about the version.
 */
export type CandidateRun =
  | { readonly outcome: 'ran'; readonly run: WorkflowRun }
  | { readonly outcome: 'not_run'; readonly code: string; readonly message: string };

/** Registers the version's workflows and lets `judge` run them. Where that cannot be done, there is no data. */
export async function withCandidate(
  context: GateContext,
  judge: (candidate: Candidate) => Promise<Verdict>,
): Promise<Verdict> {
  try {
    const target = await context.target();
    return (await refusedRegistration(target, context)) ?? (await judge(candidateOn(target, context)));
  } catch (error) {
    const fault = describeTargetFault(error);
    if (!fault) throw error;
    return inconclusive(fault.reason, fault.code, { remedy: 'Look at the gateway of the target, and retry.' });
  }
}

async function refusedRegistration(
  target: TargetEnvironment,
  { bundle, subject, signal }: GateContext,
): Promise<Verdict | null> {
  const registration = await target.registerPlanners({ bundle, version: subject.version }, { signal });
  switch (registration.outcome) {
    case 'registered':
      return null;
    case 'conflict': {
      const message = `the gateway has other plans under these names: ${registration.planners.join(', ')}`;
      const remedy = 'Tag the release anew under a version that was never used, or restart the gateway.';
      return failed(message, { findings: [{ code: 'planner_conflict', severity: 'error', message, remedy }] });
    }
    case 'registration_refused':
      return inconclusive(
        `the gateway takes no plans over HTTP (status ${registration.status}), so the version cannot be run before it is deployed`,
        'candidate_not_registrable',
        {
          remedy: 'Update the gateway, or set gates.integration of the target to off and leave gates.performance out.',
        },
      );
  }
}

/** Gateways that lost their registry (a restart) say so in a run; then it is registered and run once more. */
const lostPlanner = 'planner_not_registered';

function candidateOn(target: TargetEnvironment, context: GateContext): Candidate {
  const { subject, bundle, signal } = context;
  const { version, project } = subject;
  const once = async (workflow: string, input: Readonly<Record<string, unknown>>, deadlineMs: number) => {
    const run = await target.runCandidate({ workflow, version, input, deadlineMs, projectId: project }, { signal });
    return run;
  };
  return {
    run: async (workflow, input, deadlineMs) => {
      try {
        const first = await once(workflow, input, deadlineMs);
        if (first.error?.code !== lostPlanner) return outcomeOf(first);
        context.log('the gateway has lost its planners; they are registered again', 'warning');
        await target.registerPlanners({ bundle, version }, { signal });
        return outcomeOf(await once(workflow, input, deadlineMs));
      } catch (error) {
        const fault = describeTargetFault(error);
        if (!fault) throw error;
        return { outcome: 'not_run', code: fault.code, message: fault.reason };
      }
    },
  };
}

function outcomeOf(run: WorkflowRun): CandidateRun {
  const notRun = run.state === 'refused' || run.state === 'unknown' || run.error?.code === lostPlanner;
  if (!notRun) return { outcome: 'ran', run };
  const { code, message } = run.error ?? { code: run.state, message: 'the gateway gave no reason' };
  return { outcome: 'not_run', code, message };
}
