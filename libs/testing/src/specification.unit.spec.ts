import { accept, assertNever, reject, type Decider, type Process } from '@m3/decider';
import { processSpecification, specification } from './index.js';

type DoorEvent = { type: 'Opened' } | { type: 'Closed' };
type DoorCommand = { type: 'open' } | { type: 'ring' } | { type: 'lock'; key: string };

const door: Decider<'open' | 'closed', DoorCommand, DoorEvent> = {
  initial: 'closed',
  evolve: (_, event) => (event.type === 'Opened' ? 'open' : 'closed'),
  decide: (command, state) => {
    switch (command.type) {
      case 'open':
        return state === 'open' ? accept() : accept({ type: 'Opened' });
      case 'ring':
        return accept({ type: 'Opened' }, { type: 'Closed' });
      case 'lock':
        return reject('wrong_key', 'Take the other key.', 'key');
      default:
        return assertNever(command);
    }
  },
};

const closer: Process<number, DoorEvent | { type: 'Doorbell' }, DoorEvent> = {
  initial: 0,
  evolve: (count) => count + 1,
  correlate: (input) => (input.type === 'Doorbell' ? null : 'door_1'),
  react: (input, closed) => (input.type === 'Opened' && closed === 0 ? [{ type: 'Closed' }] : []),
};

describe('specification', () => {
  const { given } = specification(door);

  it('passes when the decision is the specified one', () => {
    given().when({ type: 'open' }).then({ type: 'Opened' });
    given({ type: 'Opened' }).when({ type: 'open' }).thenNothing();
    given().when({ type: 'open' }).twice().then({ type: 'Opened' });
    given().when({ type: 'lock', key: 'a' }).thenRejected('wrong_key');
    given().when({ type: 'lock', key: 'a' }).thenRejected('wrong_key', 'key');
  });

  it('fails on other events, another order, or none', () => {
    expect(() => given().when({ type: 'open' }).then({ type: 'Closed' })).toThrow();
    expect(() => given().when({ type: 'ring' }).then({ type: 'Closed' }, { type: 'Opened' })).toThrow();
    expect(() => given().when({ type: 'open' }).then()).toThrow();
    expect(() => given().when({ type: 'open' }).thenNothing()).toThrow();
    expect(() => given().when({ type: 'ring' }).twice().then({ type: 'Opened' }, { type: 'Closed' })).toThrow();
  });

  it('tells a refusal from a decision without events', () => {
    expect(() => given().when({ type: 'lock', key: 'a' }).thenNothing()).toThrow();
    expect(() => given({ type: 'Opened' }).when({ type: 'open' }).thenRejected('wrong_key')).toThrow();
    expect(() => given().when({ type: 'lock', key: 'a' }).thenRejected('wrong_key', 'door')).toThrow();
  });
});

describe('processSpecification', () => {
  const { given } = processSpecification(closer);

  it('passes when the reaction is the specified one', () => {
    given().when({ type: 'Opened' }).then({ type: 'Closed' });
    given().when({ type: 'Opened' }).twice().then({ type: 'Closed' });
    given({ type: 'Closed' }).when({ type: 'Opened' }).thenNothing();
    given().when({ type: 'Opened' }).thenConcerns('door_1');
    given().when({ type: 'Doorbell' }).thenConcerns(null);
  });

  it('fails when it is another one', () => {
    expect(() => given().when({ type: 'Opened' }).thenNothing()).toThrow();
    expect(() => given({ type: 'Closed' }).when({ type: 'Opened' }).then({ type: 'Closed' })).toThrow();
    expect(() => given().when({ type: 'Doorbell' }).thenConcerns('door_1')).toThrow();
  });
});
