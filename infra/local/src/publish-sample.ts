import type { ApiClient } from './api-client.js';
import {
  activeVersion,
  awaitedPublish,
  hasEnded,
  publishAgain,
  sampleState,
  showLive,
  stepTimes,
} from './follow-publish.js';
import { developmentTarget, publishTag, sampleTag, sampleVersion } from './sample.js';

const { project, version } = sampleVersion;

/**
 * Brings the sample version to the development target and shows it live. What an earlier run has done is not done again:
 * its publish is shown as it is, or to its end. Answers whether the target runs the version.
 */
export async function publishSample(api: ApiClient, natsUrl: string, say: (line: string) => void): Promise<boolean> {
  const publishId = await publishToShow(api, natsUrl, say);
  await showLive(api, publishId);
  // The picture on a terminal ends with the steps; lines elsewhere leave them scattered.
  if (!process.stdout.isTTY) for (const line of await stepTimes(api, publishId)) say(line);
  return (await activeVersion(api)) === version;
}

async function publishToShow(api: ApiClient, natsUrl: string, say: (line: string) => void): Promise<string> {
  const { tagged, publish } = await sampleState(api);
  if (!tagged) {
    const tag = await sampleTag();
    await publishTag(natsUrl, tag);
    say(`✓ ${project} ${version} tagged on the bus (event ${tag.id})`);
    return awaitedPublish(api);
  }
  say(`✓ ${project} ${version} was tagged in an earlier run; this is its latest publish to ${developmentTarget}`);
  if (publish === undefined) return awaitedPublish(api);
  const undone = hasEnded(publish) && publish.status !== 'succeeded' && (await activeVersion(api)) === null;
  if (!undone) return publish.publish_id;
  say(`  it ended as ${publish.status}: ${publish.outcome_reason ?? 'no reason given'}; publishing again`);
  return publishAgain(api);
}
