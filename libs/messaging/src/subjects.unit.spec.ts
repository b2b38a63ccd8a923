import fc from 'fast-check';
import { durableName, eventSubject, parsePattern } from './subjects.js';

describe('a pattern', () => {
  it.each([
    ['publish.BackupRequested', 'evt.publish.BackupRequested.>', 'backups-BackupRequested'],
    ['inbox:version.tagged', 'version.tagged.>', 'backups-inbox_version_tagged'],
  ])('%s is served by one durable consumer', (pattern, filter, durable) => {
    const route = parsePattern(pattern);
    expect([route.filter, durableName('backups', route)]).toEqual([filter, durable]);
  });

  it.each([
    '',
    'BackupRequested',
    'publish.',
    'publish.>',
    'publish.*',
    'Publish.BackupRequested',
    'inbox:',
    'inbox:a.>',
  ])('"%s" is refused', (pattern) => {
    expect(() => parsePattern(pattern)).toThrow('is not a pattern of the event bus');
  });
});

describe('the subject of an event', () => {
  it('is its category, type and stream', () => {
    const event = { category: 'publish', type: 'PublishRequested', stream: 'publish-pub_1' };
    expect(eventSubject(event)).toBe('evt.publish.PublishRequested.pub_1');
  });

  it('has four parts and no wildcard, whatever the stream is called', () => {
    fc.assert(
      fc.property(fc.string(), (id) => {
        const subject = eventSubject({ category: 'version', type: 'VersionTagged', stream: `version-${id}` });
        expect(subject).toMatch(/^evt\.version\.VersionTagged\.[A-Za-z0-9_-]+$/);
      }),
    );
  });
});
