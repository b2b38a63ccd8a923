import type { MeasuredTraffic } from '@m3/contracts';
import { CannotOpenError } from '@m3/secrets';
import { describeTargetFault, type TargetToReach } from '@m3/target-access';
import type { CallOptions, TargetEnvironment } from '@m3/target-environment';
import { subjectOf, type InStatus } from '../domain/publish.state.js';
import { measureTraffic } from '../runners/shift-traffic.js';

/** As much of a target as a look at a share of the traffic needs. */
export interface TargetsToMeasure {
  open(target: TargetToReach): Promise<Pick<TargetEnvironment, 'metrics'>>;
}

/** What a version did with its share so far; or why the gateway does not tell. */
export type SeenShare =
  | { readonly outcome: 'known'; readonly measured: MeasuredTraffic }
  | { readonly outcome: 'unknown'; readonly reason: string };

/** One look at what the version does with its share. What cannot be asked has told nothing. */
export async function lookAtShare(
  targets: TargetsToMeasure,
  { request, counted }: InStatus<'watching'>,
  call: CallOptions,
): Promise<SeenShare> {
  try {
    const target = await targets.open(subjectOf(request));
    const measured = await measureTraffic({ target, version: request.version, counted }, call);
    return measured === null ? notCounted : { outcome: 'known', measured };
  } catch (error) {
    if (error instanceof CannotOpenError) return { outcome: 'unknown', reason: error.message };
    const fault = describeTargetFault(error);
    if (!fault) throw error;
    return { outcome: 'unknown', reason: fault.reason };
  }
}

const notCounted: SeenShare = { outcome: 'unknown', reason: 'the gateway does not count executions by version' };
