import { declared, type ReviewEvent } from '@m3/contracts';
import { specification } from '@m3/testing';
import { review } from './review.js';

const { given } = specification(review);
const request = declared('ReviewRequested').example;
const opened: ReviewEvent = { type: 'ReviewOpened', data: declared('ReviewOpened').example };
const { review_id, publish_id, target_id } = opened.data;
const said = { findings: 'the queue was full', follow_ups: ['page on a full queue'] };
const closed: ReviewEvent = { type: 'ReviewClosed', data: { review_id, publish_id, target_id, by: 'bob', ...said } };

describe('the review of an emergency', () => {
  it('is opened once', () => {
    given().when({ type: 'open', request }).twice().then(opened);
  });

  it('is closed once, with findings, by somebody other than who asked for the emergency', () => {
    given(opened)
      .when({ type: 'close', by: 'ann', ...said })
      .thenRejected('self_review_forbidden');
    given(opened)
      .when({ type: 'close', by: 'bob', ...said })
      .twice()
      .then(closed);
    given(opened, closed)
      .when({ type: 'close', by: 'carol', ...said })
      .thenRejected('review_closed');
    given()
      .when({ type: 'close', by: 'bob', ...said })
      .thenRejected('review_not_found');
  });
});
