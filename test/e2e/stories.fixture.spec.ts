import { PublishEvents } from '@m3/contracts';
import { eventually } from '@m3/testing';
import type { Product } from './product.fixture.spec.js';

/** What `GET /publishes/{id}/events` answers. */
export const storyOf = PublishEvents;

/** All events about a publish that goes through its eight steps without approvals; each is there once. */
const wholeStory = [
  ...['PublishTriggered', 'PublishRequested', 'ValidationRequested', 'ValidationCompleted', 'GatesRequested'],
  ...['GatesCompleted', 'ApprovalWaived', 'SlotGranted', 'BackupRequested', 'BackupTaken', 'DeploymentRequested'],
  ...['ArtifactsDeployed', 'ActivationRequested', 'VersionActivated', 'VerificationRequested', 'VerificationCompleted'],
  ...['NotificationRequested', 'NotificationAttempted', 'PublishSucceeded', 'SlotReleased'],
].sort();

/** Expects that a publish which succeeded did each thing once, and was told of under one id. */
export async function expectOneStory({ log, webhook }: Product, publishId: string): Promise<void> {
  const types = (await log.about(publishId)).map(({ type }) => type);
  // A target whose slot was taken for a moment makes a publish wait; that changes nothing else.
  const waiting = ['SlotQueued', 'SlotAwaited'];
  expect(types.filter((type) => !waiting.includes(type)).sort()).toEqual(wholeStory);
  const received = await eventually(`news of ${publishId}`, () => {
    const news = webhook.received.filter(({ payload }) => JSON.stringify(payload).includes(publishId));
    return news.length > 0 && news;
  });
  expect(new Set(received.map(({ id }) => id)).size).toBe(1);
}
