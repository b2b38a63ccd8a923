import { newId, type CommandPayload } from '@m3/contracts';
import { CommandClient } from '@m3/service-kit';
import { startTestNats, useTestNats } from '@m3/testing';
import { example } from '../../domain/publish.fixtures.js';
import { AskGates } from './ask-gates.js';

const { subject, thresholds } = example('GatesRequested');
const question: CommandPayload<'gates.planned'> = {
  ...{ command_id: newId('command'), caller: { id: 'ann', roles: ['maintainer'] } },
  ...{ bundle_digest: subject.bundle_digest, thresholds },
};
const why = 'the gates service cannot be reached';
const notKnown = [
  { source: 'unknown', note: `which gates would run is not known: ${why}` },
  { source: 'unknown', note: `what pre-publish validation would find is not known: ${why}` },
];

const toValidate: CommandPayload<'gates.preflight'> = {
  ...{ command_id: question.command_id, caller: question.caller },
  ...{ version: 'v1.3.0', target_id: subject.target_id, address: subject.address, allow_older: false },
};

describe('a plan that asks for the gates', () => {
  const nats = useTestNats();

  async function askedOver(url: string) {
    const commands = new CommandClient(url, 'test');
    try {
      const gates = new AskGates(commands);
      return [await gates.planned(question), await gates.preflight(toValidate)];
    } finally {
      await commands.close();
    }
  }

  it('says that they are not known when the gates service is away', async () => {
    expect(await askedOver(nats.url)).toEqual(notKnown);
  });

  it('says that they are not known when the bus is away', async () => {
    const gone = await startTestNats();
    await gone.stop();
    expect(await askedOver(gone.url)).toEqual(notKnown);
  });
});
