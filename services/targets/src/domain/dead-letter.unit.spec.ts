import { declared } from '@m3/contracts';
import { specification } from '@m3/testing';
import { deadLetter } from './dead-letter.js';

const { given } = specification(deadLetter);
const { example: letter } = declared('DeadLetterRecorded');
const { dead_letter_id } = letter;
const recorded = { type: 'DeadLetterRecorded', data: letter } as const;
const replayed = { type: 'DeadLetterReplayed', data: { dead_letter_id, by: 'ann', replay_id: 'r-1' } } as const;
const failed = { type: 'DeadLetterFailedAgain', data: declared('DeadLetterFailedAgain').example } as const;
const discarded = { type: 'DeadLetterDiscarded', data: { dead_letter_id, by: 'ann', reason: 'a test' } } as const;
const replay = { type: 'replay', deadLetterId: dead_letter_id, by: 'ann', replayId: 'r-1' } as const;
const discard = { type: 'discard', deadLetterId: dead_letter_id, by: 'ann', reason: 'a test' } as const;

describe('a dead letter', () => {
  it('is replayed once for each request', () => {
    given(recorded).when(replay).twice().then(replayed);
    given(recorded, replayed, failed)
      .when({ ...replay, replayId: 'r-2' })
      .then({ type: 'DeadLetterReplayed', data: { ...replayed.data, replay_id: 'r-2' } });
  });

  it('is discarded with a reason, and not replayed any more', () => {
    given(recorded).when(discard).twice().then(discarded);
    given(recorded, discarded, failed).when(replay).thenRejected('dead_letter_discarded');
  });

  it('has to be there', () => {
    given().when(replay).thenRejected('dead_letter_not_found', 'dead_letter_id');
    given().when(discard).thenRejected('dead_letter_not_found', 'dead_letter_id');
  });
});
