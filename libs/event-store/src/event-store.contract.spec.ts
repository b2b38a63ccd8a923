import { InvalidEventError, type RecordedEvent } from '@m3/contracts';
import { InvalidAppendError } from './errors.js';
import type { AppendResult, EventStore } from './event-store.js';
import { context, counted, paid, placed } from './sample-events.spec.js';

export interface StoreUnderTest {
  readonly store: EventStore;
  /** Resolves when all that has been appended is sealed. */
  sealAll(): Promise<void>;
}

export function appended(result: AppendResult): readonly RecordedEvent[] {
  if (result.outcome !== 'appended') throw new Error(`not appended: ${JSON.stringify(result)}`);
  return result.events;
}

/** What every event store does. `fresh` gives an empty one. */
export function describeEventStore(name: string, fresh: () => Promise<StoreUnderTest>): void {
  describe(`${name} as an event store`, () => {
    let store: EventStore;
    let sealAll: () => Promise<void>;
    beforeEach(async () => {
      ({ store, sealAll } = await fresh());
    });

    it('answers what it recorded, and reads the same back', async () => {
      const result = appended(
        await store.append([{ stream: 'order-1', expectedVersion: 0, events: [placed(7), paid(2.5)] }], {
          ...context,
          traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
        }),
      );

      expect(result.map((event) => [event.type, event.data, event.streamVersion])).toEqual([
        ['OrderPlaced', { number: 7 }, 1],
        ['OrderPaid', { amount: 2.5 }, 2],
      ]);
      expect(result[0]).toMatchObject({
        stream: 'order-1',
        category: 'order',
        schemaVersion: 1,
        seq: null,
        eventId: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
        metadata: {
          actor: { kind: 'user', id: 'ann' },
          correlationId: 'cor-1',
          causationId: null,
          traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
          occurredAt: '2026-01-02T03:04:05.678Z',
        },
        recordedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      });
      await sealAll();
      expect(await store.readStream('order-1')).toEqual(result.map((event, index) => ({ ...event, seq: index + 1 })));
      expect(await store.readLog({ afterSeq: 0, limit: 10 })).toEqual(await store.readStream('order-1'));
    });

    it('reads a stream from a version on, and an unknown stream as empty', async () => {
      await store.append(
        [{ stream: 'order-1', expectedVersion: 0, events: [placed(1), placed(2), placed(3)] }],
        context,
      );

      expect((await store.readStream('order-1', 1)).map((event) => event.streamVersion)).toEqual([2, 3]);
      expect(await store.readStream('order-1', 3)).toEqual([]);
      expect(await store.readStream('order-2')).toEqual([]);
    });

    it('answers a conflict with the version that the stream has, and appends nothing', async () => {
      await store.append([{ stream: 'order-1', expectedVersion: 0, events: [placed(1)] }], context);

      const behind = await store.append([{ stream: 'order-1', expectedVersion: 0, events: [placed(2)] }], context);
      const ahead = await store.append([{ stream: 'order-1', expectedVersion: 2, events: [placed(2)] }], context);

      expect(behind).toEqual({
        outcome: 'conflict',
        conflict: { stream: 'order-1', expectedVersion: 0, actualVersion: 1 },
      });
      expect(ahead).toEqual({
        outcome: 'conflict',
        conflict: { stream: 'order-1', expectedVersion: 2, actualVersion: 1 },
      });
      expect(await store.readStream('order-1')).toHaveLength(1);
    });

    it('appends to several streams, or to none', async () => {
      const both = (orderVersion: number, stockVersion: number): Promise<AppendResult> =>
        store.append(
          [
            { stream: 'stock-1', expectedVersion: stockVersion, events: [counted(4)] },
            { stream: 'order-1', expectedVersion: orderVersion, events: [placed(1), paid(1)] },
          ],
          context,
        );

      const events = appended(await both(0, 0));
      expect(events.map((event) => `${event.stream}@${event.streamVersion}`)).toEqual([
        'stock-1@1',
        'order-1@1',
        'order-1@2',
      ]);
      expect(await both(0, 1)).toMatchObject({
        outcome: 'conflict',
        conflict: { stream: 'order-1', actualVersion: 2 },
      });
      expect(await store.readStream('stock-1')).toHaveLength(1);
    });

    it('checks the version of a stream that was only read', async () => {
      await store.append([{ stream: 'stock-1', expectedVersion: 0, events: [counted(4)] }], context);
      const place = (stockVersion: number): Promise<AppendResult> =>
        store.append(
          [
            { stream: 'order-1', expectedVersion: 0, events: [placed(1)] },
            { stream: 'stock-1', expectedVersion: stockVersion, events: [] },
          ],
          context,
        );

      expect(await place(0)).toEqual({
        outcome: 'conflict',
        conflict: { stream: 'stock-1', expectedVersion: 0, actualVersion: 1 },
      });
      expect(await store.readStream('order-1')).toEqual([]);
      expect(appended(await place(1))).toHaveLength(1);
      expect(await store.readStream('stock-1')).toHaveLength(1);
    });

    it('lets exactly one of those win who append on the same version at the same time', async () => {
      const attempts = Array.from({ length: 20 }, (_, number) =>
        store.append([{ stream: 'order-1', expectedVersion: 0, events: [placed(number)] }], context),
      );

      const outcomes = (await Promise.all(attempts)).map((result) => result.outcome);

      expect(outcomes.filter((outcome) => outcome === 'appended')).toHaveLength(1);
      expect(await store.readStream('order-1')).toHaveLength(1);
    });

    it('never lets a conflict, an invalid event or an unwilling neighbour spoil an append that arrives with it', async () => {
      await store.append([{ stream: 'order-0', expectedVersion: 0, events: [placed(0)] }], context);

      const results = await Promise.allSettled([
        ...Array.from({ length: 30 }, (_, n) =>
          store.append([{ stream: `order-${n}`, expectedVersion: 0, events: [placed(n)] }], context),
        ),
        store.append([{ stream: 'order-x', expectedVersion: 0, events: [{ type: 'OrderPaid', data: {} }] }], context),
      ]);

      const outcomes = results.map((result) => (result.status === 'fulfilled' ? result.value.outcome : 'rejected'));
      expect(outcomes).toEqual(['conflict', ...Array.from({ length: 29 }, () => 'appended'), 'rejected']);
    });

    it('numbers sealed events densely, with each stream in its order', async () => {
      for (let version = 0; version < 5; version++) {
        await Promise.all(
          ['order-1', 'order-2', 'order-3'].map((stream) =>
            store.append([{ stream, expectedVersion: version, events: [placed(version)] }], context),
          ),
        );
      }
      await sealAll();

      const log = await store.readLog({ afterSeq: 0, limit: 100 });

      expect(log.map((event) => event.seq)).toEqual(Array.from({ length: 15 }, (_, index) => index + 1));
      for (const stream of ['order-1', 'order-2', 'order-3']) {
        const versions = log.filter((event) => event.stream === stream).map((event) => event.streamVersion);
        expect(versions).toEqual([1, 2, 3, 4, 5]);
      }
      expect(await store.lastSeq()).toBe(15);
    });

    it('reads the log in pages, and by type', async () => {
      for (let n = 1; n <= 6; n++) {
        await store.append([{ stream: `order-${n}`, expectedVersion: 0, events: [placed(n), paid(n)] }], context);
        await store.append([{ stream: `stock-${n}`, expectedVersion: 0, events: [counted(n)] }], context);
      }
      await sealAll();

      const page = await store.readLog({ afterSeq: 4, limit: 3 });
      const payments = await store.readLog({ afterSeq: 3, limit: 2, types: ['OrderPaid'] });
      const two = await store.readLog({ afterSeq: 0, limit: 100, types: ['StockCounted', 'OrderPaid', 'OrderPaid'] });

      expect(page.map((event) => event.seq)).toEqual([5, 6, 7]);
      expect(payments.map((event) => event.data)).toEqual([{ amount: 2 }, { amount: 3 }]);
      expect(two.map((event) => event.seq)).toEqual([2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18]);
      expect(await store.readLog({ afterSeq: 0, limit: 10, types: [] })).toEqual([]);
      expect(await store.readLog({ afterSeq: 18, limit: 10 })).toEqual([]);
    });

    it('is empty at first', async () => {
      expect(await store.lastSeq()).toBe(0);
      expect(await store.readLog({ afterSeq: 0, limit: 10 })).toEqual([]);
      expect(await store.append([], context)).toEqual({ outcome: 'appended', events: [] });
    });

    it.each([
      ['of an undeclared type', 'order-1', { type: 'OrderEaten', data: {} }, ''],
      ['with data of another shape', 'order-1', { type: 'OrderPlaced', data: { number: 'seven' } }, '/number'],
      ['in a stream of another category', 'stock-1', placed(1), ''],
      ['with a NUL in a text', 'order-1', { type: 'OrderPlaced', data: { number: 1, note: 'a\u0000b' } }, ''],
      ['with half a surrogate pair', 'order-1', { type: 'OrderPlaced', data: { number: 1, note: '\ud83d' } }, ''],
      ['with a number that JSON lacks', 'order-1', { type: 'OrderPaid', data: { amount: Number.NaN } }, ''],
      [
        'with more than a mebibyte',
        'order-1',
        { type: 'OrderPlaced', data: { number: 1, note: 'x'.repeat(2 ** 20) } },
        '',
      ],
    ])('refuses an event %s', async (_, stream, event, field) => {
      const attempt = store.append([{ stream, expectedVersion: 0, events: [event] }], context);

      await expect(attempt).rejects.toBeInstanceOf(InvalidEventError);
      await expect(attempt).rejects.toMatchObject({ code: 'invalid_event', field });
      expect(await store.readStream(stream)).toEqual([]);
    });

    it.each([
      ['a stream without category', [{ stream: 'order1', expectedVersion: 0, events: [placed(1)] }]],
      ['a stream name with a space', [{ stream: 'order-1 2', expectedVersion: 0, events: [placed(1)] }]],
      ['a negative version', [{ stream: 'order-1', expectedVersion: -1, events: [placed(1)] }]],
      [
        'one stream twice',
        [
          { stream: 'order-1', expectedVersion: 0, events: [placed(1)] },
          { stream: 'order-1', expectedVersion: 1, events: [placed(2)] },
        ],
      ],
    ])('refuses an append with %s', async (_, writes) => {
      await expect(store.append(writes, context)).rejects.toBeInstanceOf(InvalidAppendError);
    });

    it('keeps every text and number as it was', async () => {
      const note = 'Grüße, "quotes" \\u0000 \\ {a,b} 𝄞 \n NULL';
      await store.append(
        [
          { stream: 'order-1', expectedVersion: 0, events: [{ type: 'OrderPlaced', data: { number: 1, note } }] },
          { stream: 'order-2', expectedVersion: 0, events: [5e-324, 1.7976931348623157e308, 0.1, -1e21].map(paid) },
        ],
        context,
      );

      expect((await store.readStream('order-1'))[0]?.data).toEqual({ number: 1, note });
      expect((await store.readStream('order-2')).map((event) => event.data)).toEqual([
        { amount: 5e-324 },
        { amount: 1.7976931348623157e308 },
        { amount: 0.1 },
        { amount: -1e21 },
      ]);
    });

    it('is not changed by what callers do to their objects', async () => {
      const data = { number: 1 };
      const events = appended(
        await store.append(
          [{ stream: 'order-1', expectedVersion: 0, events: [{ type: 'OrderPlaced', data }] }],
          context,
        ),
      );
      data.number = 2;
      Object.assign(events[0]?.data ?? {}, { number: 3 });

      expect((await store.readStream('order-1'))[0]?.data).toEqual({ number: 1 });
    });
  });
}
