import { problemOf } from './problem.js';

describe('a problem', () => {
  it.each([
    ['publish_id', '/publish_id'],
    ['period.to', '/period/to'],
    ['/targets/0/name', '/targets/0/name'],
    ['', undefined],
    [undefined, undefined],
  ])('of the field %s names it by the pointer %s', (field, pointer) => {
    const refusal = { code: 'invalid_freeze', detail: 'it never comes', ...(field === undefined ? {} : { field }) };
    expect(problemOf(refusal).field).toBe(pointer);
  });

  it('has the status of its code; one that is not known is a conflict', () => {
    expect(problemOf({ code: 'invalid_freeze', detail: '' }).status).toBe(422);
    expect(problemOf({ code: 'of_another_release', detail: '' }).status).toBe(409);
  });
});
