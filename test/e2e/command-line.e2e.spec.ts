import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Role } from '@m3/contracts';
import { runCommand, type Run } from './command.fixture.spec.js';
import { useProduct } from './product.fixture.spec.js';
import { release } from './releases.fixture.spec.js';

const use = useProduct({ schemas: ['development', 'staging'] });
const cli = (args: readonly string[], as = 'ann', roles: readonly Role[] = ['admin']): Promise<Run> =>
  runCommand(use(), args, { as, roles });

async function releaseFolder(version: string, executor?: string): Promise<string> {
  const dir = join(use().stack.home, 'releases', version);
  const { workflows, agents, processors } = release(version, executor === undefined ? {} : { executor });
  for (const [folder, artifacts] of Object.entries({ workflows, agents, processors })) {
    await mkdir(join(dir, folder), { recursive: true });
    for (const artifact of artifacts)
      await writeFile(join(dir, folder, `${artifact.name}.json`), JSON.stringify(artifact));
  }
  return dir;
}

const tag = async (version: string, executor?: string): Promise<Run> =>
  cli([
    ...['version', 'tag', version, '--dir', await releaseFolder(version, executor), '--project', 'invoice-pipeline'],
    ...['--branch', 'main', '--commit', '4f2a9c1', '--watch', '--json'],
  ]);
const json = (text: string): unknown => JSON.parse(text);

describe('m3-publish against the running product', () => {
  it('applies targets from a file, and applies the same once', async () => {
    const product = use();
    const file = join(product.stack.home, 'targets.json');
    const approved = { access: { require_approvals: 1 } };
    const targets = [
      product.document('development', { name: 'Development' }),
      product.document('staging', { name: 'Staging', type: 'manual_approval', ...approved }),
    ];
    await writeFile(file, JSON.stringify({ targets }));

    expect(await cli(['target', 'apply', '-f', file, '--yes'])).toMatchObject({ code: 0 });
    const again = await cli(['target', 'apply', '-f', file, '--yes', '--json']);
    expect(again.code).toBe(0);
    expect(again.out).toContain('unchanged');
    expect(again.out).not.toContain('created');
  });

  it('tags a version from a folder and watches its publish to the end: 0 when it succeeded', async () => {
    const run = await tag('v1.0.0');
    expect({ code: run.code, err: run.err }).toEqual({ code: 0, err: expect.any(String) });
    expect(run.out).toContain('PublishSucceeded');
    expect((await use().targets.state('development')).active).toBe('v1.0.0');
  });

  it('ends with 1 when a version was rolled back, and shows it in the history', async () => {
    await use().faults({ failing_executor: 'broken_executor://' });
    const run = await tag('v1.1.0', 'broken_executor://');
    await use().faults();
    expect(run.code).toBe(1);
    const history = await cli(['history', '--json']);
    expect(history.code).toBe(0);
    expect(json(history.out)).toMatchObject({
      items: [
        { version: 'v1.1.0', status: 'rolled_back' },
        { version: 'v1.0.0', status: 'succeeded' },
      ],
    });
  });

  it('asks for a publish, lets another person approve it, and watches', async () => {
    const asked = await cli(['publish', 'invoice-pipeline', 'v1.0.0', '--target', 'Staging', '--json']);
    expect(asked.code).toBe(0);
    const id = /pub_[0-9a-f-]{36}/.exec(asked.out)?.[0] ?? '';
    await use().log.reaches(id, 'ApprovalOpened');
    expect((await cli(['watch', id, '--timeout', '1s'])).code).toBe(5);
    expect((await cli(['approve', id, '--comment', 'looks right'], 'ann', ['approver'])).code).not.toBe(0);
    expect((await cli(['approve', id, '--comment', 'looks right'], 'bob', ['approver'])).code).toBe(0);
    expect((await cli(['watch', id])).code).toBe(0);
  });

  it('ends with 6 when a publish was rejected', async () => {
    const asked = await cli(['publish', 'invoice-pipeline', 'v1.0.0', '--target', 'Staging', '--json']);
    const id = /pub_[0-9a-f-]{36}/.exec(asked.out)?.[0] ?? '';
    await use().log.reaches(id, 'ApprovalOpened');
    expect((await cli(['reject', id, '--comment', 'not today'], 'bob', ['approver'])).code).toBe(0);
    expect((await cli(['watch', id])).code).toBe(6);
  });

  it('ends with 2 for a wrong use, 3 without the right to, 4 without a gateway', async () => {
    expect((await cli(['history', '--colour'])).code).toBe(2);
    expect((await cli(['target', 'hold', 'Staging', '--reason', 'no'], 'eve', ['viewer'])).code).toBe(3);
    expect((await cli(['history', '--url', 'http://127.0.0.1:9'])).code).toBe(4);
  });
});
