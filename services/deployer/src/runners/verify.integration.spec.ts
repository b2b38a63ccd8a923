import { declared } from '@m3/contracts';
import { TargetEnvironments, TargetUnreachableError } from '@m3/target-environment';
import { verify } from './verify.js';

/** Nobody listens there. */
const nowhere = '127.0.0.1:9';
const environments = new TargetEnvironments({ allow: ['127.0.0.0/8'] });
afterAll(() => environments.close());

const asked = (final: boolean) =>
  verify({
    target: environments.open({
      gatewayUrl: `http://${nowhere}`,
      gatewayToken: undefined,
      databaseUrl: `postgresql://user:secret@${nowhere}/m3studio`,
      schema: 'production',
    }),
    bundle: { workflows: [], agents: [], processors: [], tests: [] },
    request: declared('VerificationRequested').example,
    now: () => new Date('2026-03-19T14:23:45.000Z'),
    final,
  });

describe('a verification of a target that does not answer', () => {
  it('says nothing yet while it may be asked again', async () => {
    await expect(asked(false)).rejects.toBeInstanceOf(TargetUnreachableError);
  });

  it('has failed once it was asked for long enough', async () => {
    const { outcome, checks } = await asked(true);
    expect(outcome).toBe('failed');
    expect(checks.map((check) => [check.name, check.outcome])).toEqual([
      ['database', 'failed'],
      ['gateway', 'failed'],
    ]);
  });
});
