/** Which package may import what. Each rule is seen failing in infra/check/rules.integration.spec.ts. */

const CORE_IO = '^(node:)?(child_process|cluster|dgram|dns|fs|http|http2|https|inspector|net|tls|worker_threads)(/|$)';
const DATABASES = '(^|/node_modules/|^node_modules/)(pg|pg-[a-z-]+|typeorm|@nestjs)(/|$)';
const IO_PACKAGES = '(^|/node_modules/|^node_modules/)(@aws-sdk|@nats-io|express|nats|nodemailer|undici)(/|$)';
const IO_LIBS = '^libs/(event-store|local-servers|messaging|service-kit|target-environment|testing)/';
const SPEC = '\\.spec\\.ts$';
const SPEC_WITH_SERVERS = '\\.(integration|e2e)\\.spec\\.ts$';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'services-never-import-services',
      comment: 'Services share contracts and talk by events.',
      severity: 'error',
      from: { path: '^services/([^/]+)/' },
      to: { path: '^services/', pathNot: '^services/$1/' },
    },
    {
      name: 'libs-import-only-libs',
      comment: 'A lib knows nothing of who uses it.',
      severity: 'error',
      from: { path: '^libs/', pathNot: SPEC_WITH_SERVERS },
      to: { path: '^(services|infra|test)/' },
    },
    {
      name: 'infra-is-for-infra-and-tests',
      comment: 'The product runs without the sandbox and without the tools around it.',
      severity: 'error',
      from: { pathNot: ['^(infra|test)/', SPEC_WITH_SERVERS] },
      to: { path: '^infra/' },
    },
    {
      name: 'decider-and-contracts-stay-plain',
      comment: 'They are shared by everything, browsers included: neither framework nor database.',
      severity: 'error',
      from: { path: '^libs/(decider|contracts)/' },
      to: { path: DATABASES },
    },
    {
      name: 'domain-does-no-io',
      comment: 'Domain code decides; runners and adapters act.',
      severity: 'error',
      from: { path: '/domain/', pathNot: SPEC },
      to: { path: [CORE_IO, DATABASES, IO_PACKAGES, IO_LIBS] },
    },
    {
      name: 'domain-knows-no-outer-layer',
      comment: 'Use cases, runners and adapters know the domain, not the other way round.',
      severity: 'error',
      from: { path: '^services/([^/]+)/src/domain/', pathNot: SPEC },
      to: { path: '^services/$1/src/', pathNot: '^services/$1/src/domain/' },
    },
    {
      name: 'only-the-index-of-another-package',
      comment: 'What a package does not export from its index.ts is its own affair.',
      severity: 'error',
      // Models put the pure domains of several services together.
      from: { path: '^(libs|services|infra|test)/([^/]+)/', pathNot: '^test/e2e/[a-z-]+-model\\.' },
      to: {
        path: '^(libs|services|infra)/[^/]+/',
        // infra/check is no package: its scripts run before anything is installed.
        pathNot: ['^$1/$2/', '^(libs|services|infra)/[^/]+/src/index\\.ts$', '^infra/check/[a-z-]+\\.mjs$'],
      },
    },
    {
      name: 'no-circular-imports',
      comment: 'Two files that need each other are one file, or want a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'imports-resolve',
      comment: 'Also what a package does not export cannot be resolved.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'imports-are-declared',
      comment: 'A package that is used stands in the package.json beside it, or in that of the root.',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'names-say-what-it-does',
      comment: 'A folder or file says what the product does.',
      severity: 'error',
      from: {},
      to: { path: '^(libs|services|infra|test)/.*/(utils?|common|shared|helpers?|misc)(/|\\.[a-z.]+$)' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|packed|coverage)/' },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['m3-source', 'import', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
