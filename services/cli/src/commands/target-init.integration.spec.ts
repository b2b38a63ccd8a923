import { useTestDatabase } from '@m3/testing';
import pg from 'pg';
import { m3Publish } from '../terminal.spec.js';

describe('m3-publish target init', () => {
  const database = useTestDatabase();
  const init = (url: string, schema: string) =>
    m3Publish(['target', 'init', '--database-url', url, '--schema', schema]);

  async function tables(schema: string): Promise<string[]> {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const sql = 'select tablename from pg_tables where schemaname = $1 order by 1';
    const { rows } = await client.query<{ tablename: string }>(sql, [schema]);
    await client.end();
    return rows.map(({ tablename }) => tablename);
  }

  it('makes the tables of a target, and may be repeated', async () => {
    const first = await init(database.url, 'production');
    expect(first).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('schema production of') });
    expect(await init(database.url, 'production')).toMatchObject({ exitCode: 0 });
    expect(await tables('production')).toEqual(
      expect.arrayContaining(['active_release', 'release', 'workflow_definition']),
    );
  });

  it('refuses a name that is none of a schema', async () => {
    expect(await init(database.url, 'Robert"; drop')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('(field schema)'),
    });
  });

  it.each(['mysql://u:hush@h/d', 'postgres://u:hush@/', 'hush'])(
    'refuses the URL %s without repeating it',
    async (url) => {
      const { exitCode, stderr } = await init(url, 'production');
      expect(exitCode).toBe(2);
      expect(stderr).toContain('(field database-url)');
      expect(stderr).not.toContain('hush');
    },
  );

  it('tells apart a database that refuses and one that is not there', async () => {
    const url = new URL(database.url);
    url.pathname = '/there_is_none';
    expect(await init(url.href, 'production')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('refused: '),
    });
    const away = await init('postgres://u:hush@127.0.0.1:9/d', 'production');
    expect(away).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('127.0.0.1:9 does not answer') });
    expect(away.stderr).not.toContain('hush');
  });
});
