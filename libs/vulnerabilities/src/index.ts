export { importDatabase, ImportRefused } from './import-database.js';
export type { Current as DatabaseState } from './layout.js';
export type { Severity } from './severity.js';
export {
  DamagedDatabaseError,
  VulnerabilityDatabase,
  type Dependency,
  type Vulnerability,
} from './vulnerability-database.js';
