import { Type, type Static } from '@sinclair/typebox';
import { TypeCompiler } from '@sinclair/typebox/compiler';

/** The parts of the OSV format (ossf.github.io/osv-schema) that are relied upon; unknown fields are let through. */
const Text = Type.String();
const Severity = Type.Object({ type: Text, score: Text });

const Event = Type.Object({
  introduced: Type.Optional(Text),
  fixed: Type.Optional(Text),
  last_affected: Type.Optional(Text),
  limit: Type.Optional(Text),
});
export type OsvEvent = Static<typeof Event>;

const Range = Type.Object({ type: Text, events: Type.Array(Event) });
export type OsvRange = Static<typeof Range>;

const Specific = Type.Object({ severity: Type.Optional(Type.Unknown()) });

const Affected = Type.Object({
  package: Type.Optional(Type.Object({ ecosystem: Text, name: Text })),
  ranges: Type.Optional(Type.Array(Range)),
  versions: Type.Optional(Type.Array(Text)),
  severity: Type.Optional(Type.Array(Severity)),
  database_specific: Type.Optional(Specific),
  ecosystem_specific: Type.Optional(Specific),
});
export type OsvAffected = Static<typeof Affected>;

export const OsvRecord = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 200 }),
  modified: Text,
  withdrawn: Type.Optional(Text),
  aliases: Type.Optional(Type.Array(Text)),
  summary: Type.Optional(Text),
  severity: Type.Optional(Type.Array(Severity)),
  affected: Type.Optional(Type.Array(Affected)),
  database_specific: Type.Optional(Specific),
});
export type OsvRecord = Static<typeof OsvRecord>;

export const osvRecordCheck = TypeCompiler.Compile(OsvRecord);
