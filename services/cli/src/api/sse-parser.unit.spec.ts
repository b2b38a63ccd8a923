import fc from 'fast-check';
import { SseParser, type SseMessage } from './sse-parser.js';

const parse = (...pieces: string[]): SseMessage[] => {
  const parser = new SseParser();
  return pieces.flatMap((piece) => parser.push(piece));
};

describe('the parser of event streams', () => {
  it('reads id, event and data', () => {
    expect(parse('id: 7\nevent: PublishSucceeded\ndata: {"a":1}\n\n')).toEqual([
      { event: 'PublishSucceeded', data: '{"a":1}', lastEventId: '7' },
    ]);
  });

  it('joins several data lines, ignores comments and heartbeats, and keeps the last id', () => {
    expect(parse(': hello\n\nid: 3\ndata: a\ndata: b\n\n: beat\n\ndata:c\n\n')).toEqual([
      { event: 'message', data: 'a\nb', lastEventId: '3' },
      { event: 'message', data: 'c', lastEventId: '3' },
    ]);
  });

  it('hands out nothing of a message that was cut off', () => {
    const parser = new SseParser();
    expect(parser.push('id: 1\ndata: whole\n\nid: 2\ndata: half')).toHaveLength(1);
    expect(parser.lastEventId).toBe('1');
  });

  it('takes an id that comes alone, as with a heartbeat', () => {
    const parser = new SseParser();
    expect(parser.push(':\nid: 70\n\n')).toEqual([]);
    expect(parser.lastEventId).toBe('70');
  });

  it('reads the same, wherever the network cuts, whatever ends the lines', () => {
    const text = fc.stringMatching(/^[a-z{}":, ]{0,20}$/);
    const message = fc.record({ id: fc.nat(), data: fc.array(text, { minLength: 1, maxLength: 3 }) });
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 6 }),
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.array(fc.nat({ max: 200 }), { maxLength: 12 }),
        (messages, end, cuts) => {
          const lines = messages.flatMap(({ id, data }) => [`id: ${id}`, ...data.map((part) => `data: ${part}`), '']);
          // A last line feed on its own: after a carriage return the parser cannot know yet that the line has ended.
          const stream = lines.map((line) => line + end).join('');
          const places = [0, ...cuts.map((cut) => Math.min(cut, stream.length)).sort((a, b) => a - b), stream.length];
          const pieces = places.slice(1).map((place, index) => stream.slice(places[index], place));
          const expected = messages.map(({ id, data }) => ({ data: data.join('\n'), lastEventId: String(id) }));
          expect(parse(...pieces)).toEqual(expected.map((one) => ({ event: 'message', ...one })));
        },
      ),
    );
  });

  it('refuses a message that never ends', () => {
    const parser = new SseParser();
    const piece = 'x'.repeat(1024 * 1024);
    expect(() => {
      for (let sent = 0; sent < 10; sent++) parser.push(piece);
    }).toThrow('too long');
  });
});
