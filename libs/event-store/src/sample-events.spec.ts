import { Type } from '@sinclair/typebox';
import { defineEvent, EventRegistry, type NewEvent } from '@m3/contracts';
import type { AppendContext } from './event-store.js';

/** A small catalogue of its own, so that these specifications do not change with the product's events. */
export const sampleEvents = [
  defineEvent({
    type: 'OrderPlaced',
    category: 'order',
    schema: Type.Object({ number: Type.Integer(), note: Type.Optional(Type.String()) }),
    example: { number: 1 },
  }),
  defineEvent({
    type: 'OrderPaid',
    category: 'order',
    schema: Type.Object({ amount: Type.Number() }),
    example: { amount: 9.5 },
  }),
  defineEvent({
    type: 'StockCounted',
    category: 'stock',
    schema: Type.Object({ pieces: Type.Integer() }),
    example: { pieces: 3 },
  }),
  /** Version 1 was `{ name }`, version 2 `{ first, last }`. */
  defineEvent({
    type: 'CustomerNamed',
    category: 'customer',
    version: 3,
    schema: Type.Object({
      first: Type.String(),
      last: Type.String(),
      nickname: Type.Union([Type.String(), Type.Null()]),
    }),
    example: { first: 'Ada', last: 'Lovelace', nickname: null },
    upcasters: {
      1: (data) => {
        const [first = '', ...rest] = (data as { name: string }).name.split(' ');
        return { first, last: rest.join(' ') };
      },
      2: (data) => ({ ...(data as { first: string; last: string }), nickname: null }),
    },
  }),
];

export const sampleRegistry = new EventRegistry(sampleEvents);

export const context: AppendContext = {
  actor: { kind: 'user', id: 'ann' },
  correlationId: 'cor-1',
  causationId: null,
  occurredAt: '2026-01-02T03:04:05.678Z',
};

export const placed = (number: number): NewEvent => ({ type: 'OrderPlaced', data: { number } });
export const paid = (amount: number): NewEvent => ({ type: 'OrderPaid', data: { amount } });
export const counted = (pieces: number): NewEvent => ({ type: 'StockCounted', data: { pieces } });
