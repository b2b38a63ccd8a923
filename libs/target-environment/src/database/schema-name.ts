const SCHEMA_NAME = /^[a-z_][a-z0-9_]{0,62}$/;

/** A schema name that is not `^[a-z_][a-z0-9_]{0,62}$`. Nothing was sent to the database. */
export class InvalidSchemaNameError extends Error {
  readonly code = 'invalid_schema_name';
  readonly field = 'schema';

  constructor() {
    super(
      'The schema name may hold lower-case letters, digits and underscores only, must not start with a digit, and may have 63 characters at most.',
    );
    this.name = 'InvalidSchemaNameError';
  }
}

/** The name as a quoted SQL identifier; throws {@link InvalidSchemaNameError} before a bad name can reach any SQL. */
export function quoteSchema(schema: string): string {
  if (!SCHEMA_NAME.test(schema)) throw new InvalidSchemaNameError();
  return `"${schema}"`;
}
