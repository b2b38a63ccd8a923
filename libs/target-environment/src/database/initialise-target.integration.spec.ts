import { release, useTargets } from '../fixtures/releases.fixture.spec.js';
import { initialiseTarget } from './initialise-target.js';
import { InvalidSchemaNameError } from './schema-name.js';

const freshTarget = useTargets();

it('can be repeated, by several at once, and keeps the data', async () => {
  const { target, sql, schema } = await freshTarget();
  await target.deploy(release('v1.0.0', 1));
  await Promise.all(Array.from({ length: 4 }, () => initialiseTarget(sql, schema)));
  expect(await target.manifest('v1.0.0')).toMatchObject({ version: 'v1.0.0' });
  expect(await target.checkDatabase()).toMatchObject({ schema_present: true, initialised: true });
});

it.each(['a"b', 'x"; drop schema public; --', 'Production', '1st', 'a-b', '', 'a'.repeat(64), "a'b", 'a\nb'])(
  'refuses the schema name %j before it reaches the database',
  async (schema) => {
    const { sql, environments, databaseUrl } = await freshTarget();
    const refusal = { code: 'invalid_schema_name', field: 'schema' };
    await expect(initialiseTarget(sql, schema)).rejects.toMatchObject(refusal);
    await expect(environments.initialise({ databaseUrl, schema })).rejects.toThrow(InvalidSchemaNameError);
    expect(() => environments.open({ gatewayUrl: 'http://127.0.0.1', databaseUrl, schema })).toThrow(
      InvalidSchemaNameError,
    );
    const { rows } = await sql.query('select 1 from pg_namespace where nspname = $1', [schema]);
    expect(rows).toEqual([]);
  },
);

it('takes names that are reserved words', async () => {
  const { sql, environments, databaseUrl } = await freshTarget();
  await initialiseTarget(sql, 'select');
  const target = environments.open({ gatewayUrl: 'http://127.0.0.1', databaseUrl, schema: 'select' });
  expect(await target.deploy(release('v1.0.0', 1))).toMatchObject({ outcome: 'deployed' });
});

it('keeps targets in one database apart', async () => {
  const [first, second] = [await freshTarget(), await freshTarget()];
  await first.target.deploy(release('v1.0.0', 9));
  expect(await second.target.releaseState()).toEqual({ active: null, routes: [], fence: 0 });
});
