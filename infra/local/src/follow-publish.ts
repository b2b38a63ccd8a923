import { spawn } from 'node:child_process';
import {
  isFinalPublishStatus,
  PublishDetail,
  PublishesAccepted,
  PublishList,
  TargetDetail,
  VersionDetail,
  type PublishSummary,
} from '@m3/contracts';
import type { ApiClient } from './api-client.js';
import { developmentTarget, sampleVersion } from './sample.js';
import { built } from './service.js';

/** Where the sample version stands on the development target. */
export interface SampleState {
  /** The version was tagged in an earlier run. */
  readonly tagged: boolean;
  /** The newest publish of the version to the target. */
  readonly publish: PublishSummary | undefined;
}

const newest = new URLSearchParams({ ...sampleVersion, target: developmentTarget, limit: '1' });
const publishes = `publishes?${newest.toString()}`;

export async function sampleState(api: ApiClient): Promise<SampleState> {
  const { project, version } = sampleVersion;
  const known = await api.find(`versions/${project}/${version}`, VersionDetail);
  const list = known === undefined ? undefined : await api.find(publishes, PublishList);
  return { tagged: known !== undefined, publish: list?.items[0] };
}

/** The publish that the tag sets off, as soon as the gateway knows of it. @throws ApiError when it does not come */
export async function awaitedPublish(api: ApiClient): Promise<string> {
  const { items } = await api.eventually(publishes, PublishList, (list) => list.items.length > 0);
  return items[0]?.publish_id ?? '';
}

/** Asks for a publish of the sample version. @throws ApiError */
export async function publishAgain(api: ApiClient): Promise<string> {
  const request = { ...sampleVersion, targets: [developmentTarget], reason: 'the publish before did not succeed' };
  const { publishes: accepted } = await api.post('publishes', request, PublishesAccepted);
  const [first] = accepted;
  if (first?.outcome === 'requested') return first.publish_id;
  throw new Error(`the publish was refused: ${first?.problem.detail ?? 'no reason given'}`);
}

/** The version that the development target runs now; null: none. */
export async function activeVersion(api: ApiClient): Promise<string | null> {
  const { active } = await api.get(`targets/${encodeURIComponent(developmentTarget)}`, TargetDetail);
  return active?.version ?? null;
}

export function hasEnded({ status }: PublishSummary): boolean {
  return isFinalPublishStatus(status);
}

/** Shows a publish live, step by step, until it has ended: the command line does, on our terminal. Answers its exit code. */
export async function showLive(api: ApiClient, publishId: string): Promise<number> {
  const script = await built('services/cli/bin/m3-publish.mjs');
  const child = spawn(process.execPath, [script, 'watch', publishId], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, M3_PUBLISH_URL: api.url, M3_PUBLISH_TOKEN: api.token },
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

/** The steps of a publish with the time that each took, a line each. */
export async function stepTimes(api: ApiClient, publishId: string): Promise<readonly string[]> {
  const { steps } = await api.get(`publishes/${publishId}`, PublishDetail);
  return steps.map(({ step, status, duration_ms }, index) => {
    const took = duration_ms === null ? '' : `${duration_ms.toFixed(0)} ms`;
    return `  ${index + 1}. ${step.replaceAll('_', ' ').padEnd(18)} ${status.padEnd(8)} ${took.padStart(9)}`.trimEnd();
  });
}
