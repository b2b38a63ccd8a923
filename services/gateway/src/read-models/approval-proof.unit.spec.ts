import { isLogEntry } from '../projections/log-entry.js';
import { publishUpTo, recorded, told } from '../testing/stories.js';
import { approvalParts, relativeTo } from './approval-proof.js';

const story = 7;

describe('votes in relation to the activation', () => {
  it.each([
    ['2026-03-19T12:20:45.000Z', '2 h 3 min before activation'],
    ['2026-03-17T14:23:45.000Z', '2 d before activation'],
    ['2026-03-19T14:23:45.000Z', '0 s before activation'],
    ['2026-03-19T14:24:00.000Z', '15 s after activation'],
  ])('%s is %s', (at, text) => {
    expect(relativeTo('2026-03-19T14:23:45.000Z', at)).toBe(text);
  });
});

describe('the proof of an approval', () => {
  const proofOf = (...more: Parameters<typeof told>[]) => {
    const events = [...publishUpTo(story, 'approved'), ...more.map((each) => told(...each))];
    return approvalParts(recorded(events).filter(isLogEntry), []).approval_proof;
  };
  const other = `sha256:${'f'.repeat(64)}`;

  it('compares what was approved with what was deployed', () => {
    expect(proofOf([story, 'ApprovalConfirmed'])).toMatchObject({ deployed_digest: null, equal: null });
    expect(proofOf([story, 'ApprovalConfirmed'], [story, 'DeploymentRequested'])).toMatchObject({ equal: true });
    const differs = { deployed_digest: other };
    expect(proofOf([story, 'ApprovalConfirmed'], [story, 'DeploymentRequested', differs])).toMatchObject({
      equal: false,
    });
  });

  it('has nothing to say of what was voided, or never approved', () => {
    expect(proofOf()).toBeNull();
    expect(proofOf([story, 'ApprovalConfirmed'], [story, 'ApprovalVoided'])).toBeNull();
  });
});
