import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase, type TestDatabase } from '@m3/testing';
import type { Pool } from 'pg';
import { createPool } from './create-pool.js';
import { eventStoreMigrations, migrateEventStore } from './event-store-migrations.js';
import { migrate } from './migrate.js';

let database: TestDatabase;
let pool: Pool;
let folder: string;

beforeEach(async () => {
  database = await createTestDatabase();
  pool = createPool({ connectionString: database.url, applicationName: 'spec' });
  folder = await mkdtemp(join(tmpdir(), 'migrations-'));
  await write('000001_one.sql', 'CREATE TABLE one (id int); INSERT INTO one VALUES (1);');
});

afterEach(async () => {
  await pool.end();
  await database.drop();
  await rm(folder, { recursive: true });
});

const write = (name: string, sql: string): Promise<void> => writeFile(join(folder, name), sql);
const up = (): Promise<readonly string[]> => migrate(pool, { schema: 'shop', folder });
const count = async (table: string): Promise<number> =>
  (await pool.query<{ rows: number }>(`SELECT count(*)::int AS rows FROM shop.${table}`)).rows[0]?.rows ?? -1;

describe('migrate', () => {
  it('applies each file once, in order, in its schema', async () => {
    await write('000002_two.sql', 'CREATE TABLE two AS SELECT id FROM one;');

    expect(await up()).toEqual(['000001_one.sql', '000002_two.sql']);
    expect(await up()).toEqual([]);
    await write('000003_three.sql', 'INSERT INTO two SELECT id FROM two;');
    expect(await up()).toEqual(['000003_three.sql']);

    expect(await count('two')).toBe(2);
    expect(await count('schema_migration')).toBe(3);
  });

  it('lets processes that start together take turns', async () => {
    const applied = await Promise.all(Array.from({ length: 5 }, up));

    expect(applied.flat()).toEqual(['000001_one.sql']);
    expect(await count('one')).toBe(1);
  });

  it('refuses a file that was changed after it had been applied', async () => {
    await up();
    await write('000001_one.sql', 'CREATE TABLE one (id bigint);');

    await expect(up()).rejects.toMatchObject({
      code: 'migration_refused',
      message: expect.stringContaining('000001_one.sql was changed'),
    });
  });

  it('refuses a file that comes too late', async () => {
    await write('000003_three.sql', 'SELECT 1');
    await up();
    await write('000002_two.sql', 'SELECT 1');

    await expect(up()).rejects.toThrow('000002_two.sql comes before 000003_three.sql');
  });

  it('leaves a database alone that a newer release has migrated', async () => {
    await write('000002_two.sql', 'CREATE TABLE two (id int)');
    await up();
    await rm(join(folder, '000002_two.sql'));

    expect(await up()).toEqual([]);
  });

  it('keeps nothing of a file that fails, and goes on with it when it is mended', async () => {
    await write('000002_two.sql', 'CREATE TABLE two (id int); SELECT 1 / 0;');
    await expect(up()).rejects.toThrow('000002_two.sql failed: division by zero');
    expect(await count('one')).toBe(1);

    await write('000002_two.sql', 'CREATE TABLE two (id int);');

    expect(await up()).toEqual(['000002_two.sql']);
  });

  it('refuses names of files and schemas that it does not know the order or the spelling of', async () => {
    await expect(migrate(pool, { schema: 'shop"; --', folder })).rejects.toThrow('no schema name');
    await write('2_two.sql', 'SELECT 1');
    await expect(up()).rejects.toThrow('must be named like');
  });

  it('makes the event store from the files beside the code', async () => {
    const files = (await readdir(eventStoreMigrations.folder)).sort();

    expect(await migrateEventStore(pool)).toEqual(files);
    expect(await migrateEventStore(pool)).toEqual([]);
  });
});
