/** Three kinds of tests, told apart by name: `*.unit.spec.ts`, `*.integration.spec.ts` (real servers) and `*.e2e.spec.ts` (all services). */
import { readFileSync } from 'node:fs';

const swc = JSON.parse(readFileSync(new URL('.swcrc', import.meta.url), 'utf8'));
delete swc.exclude;
delete swc.$schema;

const project = (kind) => ({
  displayName: kind,
  rootDir: import.meta.dirname,
  testMatch: [`<rootDir>/{libs,services,infra,test}/**/*.${kind}.spec.ts`],
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['m3-source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '\\.ts$': ['@swc/jest', { ...swc, swcrc: false, sourceMaps: 'inline' }] },
  modulePathIgnorePatterns: ['/dist/', '/packed/', '<rootDir>/.m3-publish/'],
});

const servers = {
  globalSetup: '<rootDir>/infra/check/jest.global-setup.mjs',
  globalTeardown: '<rootDir>/infra/check/jest.global-teardown.mjs',
};

export default {
  projects: [project('unit'), { ...project('integration'), ...servers }, { ...project('e2e'), ...servers }],
  testTimeout: 120_000,
  maxWorkers: 2,
};
