import { createLogger } from './logger.js';

function logged(write: (log: ReturnType<typeof createLogger>) => void): string {
  let text = '';
  write(createLogger('deployer', 'info', { write: (line) => void (text += line) }));
  return text;
}

describe('an error in the log', () => {
  it('says what went wrong, with code and cause', () => {
    const error = Object.assign(new Error('the connection broke', { cause: new Error('reset') }), { code: '57P01' });
    const text = logged((log) => log.warn({ err: error }, 'a connection broke'));
    expect(JSON.parse(text)).toMatchObject({
      err: { type: 'Error', message: 'the connection broke', code: '57P01', cause: { message: 'reset' } },
    });
  });

  it('of a broken connection tells nothing of the session that it was of', () => {
    const client = { processID: 17, secretKey: 4711, connectionParameters: { password: 'hunter2' } };
    const text = logged((log) => log.warn({ err: Object.assign(new Error('terminated'), { client }) }));
    expect(text).not.toMatch(/4711|hunter2|secretKey/);
  });

  it('that is none is told as it is', () => {
    expect(logged((log) => log.warn({ err: 'timeout' }))).toContain('timeout');
  });
});
