export { initialiseTarget } from './database/initialise-target.js';
export { InvalidSchemaNameError, quoteSchema } from './database/schema-name.js';
