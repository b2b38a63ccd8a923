import { declared, type DomainEventType } from '@m3/contracts';
import { retryable } from './retry.js';

const story = (...types: readonly DomainEventType[]) =>
  types.map((type) => ({ type, data: structuredClone<object>(declared(type).example) }));

describe('a publish that is to be done again', () => {
  it.each([
    'PublishFailed',
    'PublishRejected',
    'PublishCancelled',
    'PublishRolledBack',
    'PublishRollbackFailed',
  ] as const)('has ended without success (%s)', (end) => {
    const { project, version } = declared('PublishRequested').example;
    expect(retryable(story('PublishRequested', end))).toMatchObject({
      outcome: 'accepted',
      events: [{ project, version }],
    });
  });

  it.each([
    ['does not exist', [], 'publish_not_found'],
    ['has not ended', ['PublishRequested', 'ValidationRequested'], 'publish_not_ended'],
    ['has succeeded', ['PublishRequested', 'PublishSucceeded'], 'nothing_to_retry'],
    ['was superseded by a newer one', ['PublishRequested', 'PublishSuperseded'], 'nothing_to_retry'],
    ['is no publish of a version but a rollback', ['RestoreRequested', 'PublishRolledBack'], 'rollback_not_retried'],
  ] as const)('is refused when it %s', (_what, types, code) => {
    expect(retryable(story(...types))).toMatchObject({ outcome: 'rejected', rejection: { code } });
  });
});
