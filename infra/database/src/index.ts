export { prepareDatabase, roleOf } from './prepare-database.js';
