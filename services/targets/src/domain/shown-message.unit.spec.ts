import { shownMessage } from './shown-message.js';

const shown = (text: string) => shownMessage(new TextEncoder().encode(text));

describe('the message of a dead letter', () => {
  it('is laid out where it is JSON', () => {
    expect(shown('{"id":1,"data":{"project":"x"}}')).toEqual({
      ...{ form: 'json', complete: true, bytes: 31 },
      text: '{\n  "id": 1,\n  "data": {\n    "project": "x"\n  }\n}',
    });
  });

  it('is shown as it is where it is not, without what moves a cursor or turns the writing', () => {
    expect(shown('not json\u001b[2J\r\n\u202eevil\ttab')).toMatchObject({
      ...{ form: 'text', text: 'not json\\u001b[2J\\u000d\n\\u202eevil\ttab' },
    });
  });

  it.each([
    '{"bundle":{"uri":"https://ann:hunter2@files.example.com"}}',
    '{"llm":{"api_key":"hunter2"}}',
    'broken {"password": "hunter2',
  ])('holds no secret: %s', (text) => {
    expect(shown(text).text).not.toContain('hunter2');
    expect(shown(text).text).toContain('***');
  });

  it('shows of other bytes what can be read', () => {
    expect(shownMessage(Uint8Array.of(0x68, 0x69, 0xff, 0x00))).toEqual({
      ...{ form: 'binary', text: 'hi\ufffd\\u0000', complete: true, bytes: 4 },
    });
  });

  it('is cut, however large or deep it is', () => {
    expect(shown(`"${'x'.repeat(200_000)}"`)).toMatchObject({ form: 'json', complete: false, bytes: 200_002 });
    const deep = shown(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    expect(deep.complete).toBe(false);
    expect(deep.text.length).toBeLessThanOrEqual(64 * 1024);
  });
});
