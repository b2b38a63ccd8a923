import { EffectLease, MemorySessionLocks } from '@m3/messaging';
import { CannotOpenError } from '@m3/secrets';
import { TargetUnreachableError } from '@m3/target-environment';
import { example, request } from '../domain/publish.fixtures.js';
import type { PublishInput } from '../domain/publish.inputs.js';
import type { InStatus } from '../domain/publish.state.js';
import { BringTraffic } from './bring-traffic.js';

const { counted, shifted_at, watch_until, deadline_at, fence, weight, from_version } = example('TrafficShifted');
const watching: InStatus<'watching'> = {
  ...{
    status: 'watching',
    request,
    step: 2,
    weight,
    counted,
    shifted_at,
    watch_until,
    deadline_at,
    fence,
    from_version,
  },
  ...{ deployment_deadline_at: deadline_at, expected_version: from_version, backup_id: null, cancel: null },
  ...{ extended: false, asked: false, served: true },
};

/** A look at a target that does not answer so. */
async function lookedAt(failure: Error): Promise<readonly PublishInput[]> {
  const told: PublishInput[] = [];
  const traffic = new BringTraffic({
    publishes: {
      isIn: () => Promise.resolve(true),
      react: (_id, input) => {
        told.push(input);
        return Promise.resolve(watching);
      },
    },
    targets: { open: () => Promise.reject(failure) },
    lease: new EffectLease(new MemorySessionLocks()),
    clock: () => new Date(shifted_at),
  });
  await traffic.look(watching);
  return told;
}

describe('a look at a share of the traffic', () => {
  it.each([
    ['does not answer', new TargetUnreachableError('gateway', 'timeout', 'no answer')],
    ['cannot be opened', new CannotOpenError('the key is gone')],
  ])('tells of a target that %s that nothing was told', async (_what, failure) => {
    expect(await lookedAt(failure)).toEqual([{ type: 'TrafficMeasured', step: 2, measured: null }]);
  });

  it('does not take a fault of its own for an answer', async () => {
    await expect(lookedAt(new TypeError('a fault'))).rejects.toThrow('a fault');
  });
});
