import { EventStoreUnavailableError } from '@m3/event-store';
import { isOutage } from './errors.js';

const withCode = (code: string) => Object.assign(new Error('no matter'), { code });

describe('an outage of our own database', () => {
  it.each<[string, unknown]>([
    ['the log that cannot be reached', new EventStoreUnavailableError()],
    ['a server that shuts down', withCode('57P01')],
    ['a server that starts', withCode('57P03')],
    ['a server that is not there', withCode('ECONNREFUSED')],
    ['a socket that broke', withCode('ECONNRESET')],
    ['an answer that never came', new Error('Connection terminated unexpectedly')],
    ['a pool that got no connection', new Error('timeout exceeded when trying to connect')],
    ['a connection that broke before', new Error('Client has encountered a connection error and is not queryable')],
  ])('is %s', (_, error) => {
    expect(isOutage(error)).toBe(true);
  });

  it.each<[string, unknown]>([
    ['a statement that is wrong', withCode('42601')],
    ['a row that is there already', withCode('23505')],
    ['a fault of the handler', new TypeError('undefined is no function')],
    ['anything else that was thrown', 'a text'],
  ])('is not %s', (_, error) => {
    expect(isOutage(error)).toBe(false);
  });
});
