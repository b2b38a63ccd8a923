import { prepareDatabase } from '@m3/database';
import { DeadLetterList, DeadLettersReplayed } from '@m3/contracts';
import { flawOf } from '../http/validation.js';
import { useGateway } from '../testing/gateway-under-test.js';
import { idOf, told } from '../testing/stories.js';

const use = useGateway({
  name: 'gateway',
  prepare: async (url) => {
    await prepareDatabase(url, () => 'secret');
  },
});
const letter = (story: number) => idOf('deadLetter', story);
const inbox = 'targets-inbox_version_tagged';

beforeAll(async () => {
  await use().append(
    told(1, 'DeadLetterRecorded', { consumer: inbox }),
    told(2, 'DeadLetterRecorded', { consumer: inbox, code: 'invalid_bundle' }),
    told(3, 'DeadLetterRecorded', { consumer: 'gates-GatesRequested' }),
    told(4, 'DeadLetterRecorded', { consumer: inbox }),
    told(4, 'DeadLetterDiscarded'),
  );
  await use().projected();
});

describe('dead letters', () => {
  it.each([
    ['', [4, 3, 2, 1]],
    ['?code=not_json', [4, 3, 1]],
    ['?code=not_json&status=open', [3, 1]],
    [`?consumer=${inbox}&code=not_json&status=open`, [1]],
    ['?code=none_of_these', []],
  ])('are listed by reason, consumer and status: %s', async (query, stories) => {
    const { json } = await use().call(`/api/v1/dead-letters${query}`, { roles: ['viewer'] });
    expect(flawOf(DeadLetterList, json)).toBeNull();
    expect(json.items?.map(({ dead_letter_id }) => dead_letter_id)).toEqual(stories.map(letter));
  });

  it('of one reason are replayed together, the oldest first; a refusal of one is no refusal of the others', async () => {
    use().owners.answer('deadletters.replay', () => {
      const id: unknown = Reflect.get(use().owners.sent.at(-1)?.payload ?? {}, 'dead_letter_id');
      if (id !== letter(1)) return { ok: true, result: { dead_letter_id: id } };
      const problem = { type: 'about:blank', title: 'x', status: 503, code: 'bus_unavailable', detail: 'later' };
      return { ok: false, problem };
    });
    const call = { method: 'POST', body: { code: 'not_json' }, headers: { 'idempotency-key': 'k' } };
    const { status, json } = await use().call('/api/v1/dead-letters/replay', call);
    expect(status).toBe(200);
    expect(flawOf(DeadLettersReplayed, json)).toBeNull();
    expect(json).toMatchObject({
      ...{ replayed: [letter(3)], more: false },
      refused: [{ dead_letter_id: letter(1), problem: { code: 'bus_unavailable' } }],
    });
    const commands = use().owners.sent.map(({ payload }) => payload.command_id);
    expect(new Set(commands).size).toBe(2);
  });

  it('are not all replayed at once by mistake', async () => {
    const { status, json } = await use().call('/api/v1/dead-letters/replay', { method: 'POST', body: {} });
    expect([status, json['code']]).toEqual([400, 'invalid_body']);
    const refused = await use().call('/api/v1/dead-letters/replay', {
      ...{ method: 'POST', body: { code: 'not_json' }, roles: ['viewer'] },
    });
    expect(refused.json).toMatchObject({ code: 'role_missing' });
  });
});
