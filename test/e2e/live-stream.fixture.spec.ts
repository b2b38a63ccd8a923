import { eventually } from '@m3/testing';
import type { Product } from './product.fixture.spec.js';

/** A reader of a live stream who comes back after the last event that he saw, as browsers do. */
export function followStream(product: Product, path: string) {
  const over = new AbortController();
  const seqs: number[] = [];
  const types: string[] = [];
  let place = '';

  const take = (message: string): void => {
    const field = (name: string) => new RegExp(`^${name}: ?(.*)$`, 'm').exec(message)?.[1];
    const id = field('id');
    if (id !== undefined) place = id;
    const event = field('event');
    if (id === undefined || event === undefined) return;
    seqs.push(Number(id));
    types.push(event);
  };

  const read = async (): Promise<void> => {
    const token = await product.stack.issuer.token({ sub: 'ann', roles: ['viewer'] });
    const answer = await fetch(`${product.stack.services.gateway.url}/api/v1/${path}`, {
      headers: { authorization: `Bearer ${token}`, ...(place === '' ? {} : { 'last-event-id': place }) },
      signal: over.signal,
    });
    if (!answer.ok || answer.body === null) return;
    let rest = '';
    for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
      const messages = `${rest}${chunk}`.split('\n\n');
      rest = messages.pop() ?? '';
      messages.forEach(take);
    }
  };

  const follow = async (): Promise<void> => {
    while (!over.signal.aborted) {
      await read().catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  void follow();

  return {
    seqs: seqs as readonly number[],
    has: (type: string) => eventually(`${type} in the stream`, () => types.includes(type), { timeoutMs: 60_000 }),
    stop: () => over.abort(),
  };
}
