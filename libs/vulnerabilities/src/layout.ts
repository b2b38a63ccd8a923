import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Type, type Static } from '@sinclair/typebox';
import { TypeCompiler } from '@sinclair/typebox/compiler';

/**
 * How a database lies in its folder: `current.json` names a generation, whose folder has one small file for each package.
 * Nothing is held in memory, and a reader sees one generation or the next, never a half.
 */
export const Current = Type.Object({
  generation: Type.String({ pattern: '^[0-9a-f-]{1,64}$' }),
  imported_at: Type.String(),
  /** When the newest of its records was last changed. */
  newest_record: Type.String(),
  records: Type.Integer({ minimum: 0 }),
  /** Records by ecosystem. */
  ecosystems: Type.Record(Type.String(), Type.Integer()),
});
export type Current = Static<typeof Current>;
export const currentCheck = TypeCompiler.Compile(Current);

const Text = Type.String();
const Severity = Type.Union([
  Type.Literal('critical'),
  Type.Literal('high'),
  Type.Literal('medium'),
  Type.Literal('low'),
  Type.Literal('unknown'),
]);
const Events = Type.Array(
  Type.Object({
    introduced: Type.Optional(Text),
    fixed: Type.Optional(Text),
    last_affected: Type.Optional(Text),
    limit: Type.Optional(Text),
  }),
);

/** What is kept of a record for one package. */
const KeptRecord = Type.Object({
  id: Text,
  aliases: Type.Array(Text),
  summary: Text,
  severity: Severity,
  ranges: Type.Array(Type.Object({ type: Text, events: Events })),
  versions: Type.Array(Text),
});
export type KeptRecord = Static<typeof KeptRecord>;
export const keptRecordsCheck = TypeCompiler.Compile(Type.Array(KeptRecord));

export const currentFile = (folder: string): string => join(folder, 'current.json');
export const generationFolder = (folder: string, generation: string): string => join(folder, 'generations', generation);

/** The file of a package inside a generation. Names may hold anything, so they are hashed. */
export function packageFile(ecosystem: string, name: string): string {
  const hash = createHash('sha256')
    .update(`${ecosystem}\n${canonicalName(ecosystem, name)}`)
    .digest('hex');
  return join(hash.slice(0, 2), `${hash.slice(2)}.json`);
}

/** PyPI takes several spellings for one name. */
export function canonicalName(ecosystem: string, name: string): string {
  return ecosystem === 'PyPI' ? name.toLowerCase().replaceAll(/[-_.]+/g, '-') : name;
}
