import { deadLetterEvents, EventRegistry, idPattern } from '@m3/contracts';
import { MemoryEventStore } from '@m3/event-store';
import type { DeadLetter } from './dead-letters.js';
import { deadLetterId, LogDeadLetters, MemoryDeadLetterPayloads } from './log-dead-letters.js';

const letter: DeadLetter = {
  origin: 'inbox',
  consumer: 'targets-inbox_version_tagged',
  messageId: 'INBOX:2026-01-01T00:00:00.000Z:7',
  messageTime: '2026-01-01T00:00:00.000Z',
  subject: 'version.tagged.demo',
  code: 'not_json',
  reason: 'the message\nis not JSON',
  attempts: 1,
  bytes: new TextEncoder().encode(`\u001b[2Jno\r\n${'é'.repeat(600)}`),
};

describe('a dead letter', () => {
  it('is kept once, however often it is recorded, with its bytes', async () => {
    const store = new MemoryEventStore(new EventRegistry(deadLetterEvents));
    const payloads = new MemoryDeadLetterPayloads();
    const sent: string[] = [];
    const relay = { send: ({ subject }: { readonly subject: string }) => void sent.push(subject) };
    const deadLetters = new LogDeadLetters({ service: 'targets', store, payloads, relay });
    await deadLetters.record(letter);
    await deadLetters.record(letter);
    const events = await store.readStream(`deadletter-${deadLetterId(letter)}`);
    expect(events).toHaveLength(1);
    expect(sent).toEqual(['deadletter.targets-inbox_version_tagged']);
    const data: { readonly sha256?: string; readonly excerpt?: string } = events[0]?.data ?? {};
    expect(data).toMatchObject({ code: 'not_json', reason: 'the message is not JSON', bytes: letter.bytes.length });
    expect(data.excerpt).toMatch(/^ \[2Jno {2}é{492}$/);
    expect(await payloads.read(data.sha256 ?? '')).toEqual(letter.bytes);
  });

  it('shows no secret, neither in its excerpt nor in its reason', async () => {
    const store = new MemoryEventStore(new EventRegistry(deadLetterEvents));
    const payloads = new MemoryDeadLetterPayloads();
    const bytes = new TextEncoder().encode('{"uri":"https://ann:hunter2@files","password":"hunter2"');
    const reason = 'cannot read https://ann:hunter2@files';
    await new LogDeadLetters({ service: 'targets', store, payloads }).record({ ...letter, bytes, reason });
    const [event] = await store.readStream(`deadletter-${deadLetterId(letter)}`);
    expect(JSON.stringify(event)).not.toContain('hunter2');
    expect(event?.data).toMatchObject({ excerpt: '{"uri":"https://ann:***@files","password":"***"' });
  });

  describe('whose replay fails', () => {
    const id = deadLetterId(letter);
    const replay = { ...letter, messageId: 'replay-1', replayOf: id, code: 'invalid_tag', reason: 'no branch' };
    const types = async (store: MemoryEventStore, letterId = id) =>
      (await store.readStream(`deadletter-${letterId}`)).map(({ type }) => type);
    const recordedLetter = async () => {
      const store = new MemoryEventStore(new EventRegistry(deadLetterEvents));
      const letters = new LogDeadLetters({ service: 'targets', store, payloads: new MemoryDeadLetterPayloads() });
      await letters.record(letter);
      return { store, letters };
    };

    it('is the same letter, told once for each replay', async () => {
      const { store, letters } = await recordedLetter();
      await letters.record(replay);
      await letters.record(replay);
      await letters.record({ ...replay, messageId: 'replay-2' });
      expect(await types(store)).toEqual(['DeadLetterRecorded', 'DeadLetterFailedAgain', 'DeadLetterFailedAgain']);
    });

    it('is another letter where the one that the message names is not of this consumer, or not there', async () => {
      const { store, letters } = await recordedLetter();
      const strangers = [
        { ...replay, consumer: 'another' },
        { ...replay, replayOf: 'dlq_01930d8c-0000-7000-8000-00000000000f' },
      ];
      for (const stranger of strangers) {
        await letters.record(stranger);
        expect(await types(store, deadLetterId(stranger))).toEqual(['DeadLetterRecorded']);
      }
      expect(await types(store)).toEqual(['DeadLetterRecorded']);
    });
  });

  it('has an id that follows from its message and consumer', () => {
    expect(deadLetterId(letter)).toMatch(new RegExp(idPattern('deadLetter')));
    expect(deadLetterId(letter)).toBe(deadLetterId({ ...letter, reason: 'another', attempts: 3 }));
    expect(deadLetterId(letter)).not.toBe(deadLetterId({ ...letter, consumer: 'another' }));
    expect(deadLetterId(letter)).not.toBe(deadLetterId({ ...letter, messageId: 'another' }));
  });
});
