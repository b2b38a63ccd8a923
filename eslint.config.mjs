/** What the compiler does not see. Boundaries between packages are in .dependency-cruiser.cjs. */
import { fileURLToPath } from 'node:url';
import tseslint from 'typescript-eslint';

/** Code that gets time and ids with its input, so that the same input always gives the same result. */
const PURE = ['**/domain/**/*.ts', 'libs/decider/src/**/*.ts', 'libs/artifacts/src/**/*.ts'];
const SPECS = ['**/*.spec.ts'];

const CLOCK = 'Time comes in with the command.';
const CHANCE = 'Identifiers and randomness come in with the command.';
const EFFECT = 'Effects belong in runners and adapters.';

const timers = ['setTimeout', 'setInterval', 'setImmediate'].map((name) => ({ name, message: CLOCK }));
const effects = ['fetch', 'process', 'WebSocket'].map((name) => ({ name, message: EFFECT }));

export default tseslint.config(
  { ignores: ['**/dist/', '**/packed/', '**/node_modules/', '**/coverage/', '.m3-publish/', '.nx/'] },
  {
    linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'error' },
    rules: {
      // A switch over a union counts once: being exhaustive is no complexity.
      complexity: ['error', { max: 8, variant: 'modified' }],
      'max-depth': ['error', 3],
      'max-lines': ['error', { max: 200, skipBlankLines: true, skipComments: true }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-constant-binary-expression': 'error',
      'no-debugger': 'error',
      'no-fallthrough': 'error',
      'no-self-compare': 'error',
      'no-unreachable-loop': 'error',
      'no-useless-assignment': 'error',
      'no-var': 'error',
      'prefer-const': 'error',
    },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: fileURLToPath(new URL('.', import.meta.url)) },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/max-params': ['error', { max: 4 }],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      // Characters of identifiers and messages, not of prose.
      '@typescript-eslint/no-misused-spread': ['error', { allow: [{ from: 'lib', name: 'string' }] }],
      // Types are structural here: an object of the right shape will do, and an async function need not wait to implement a port.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { allowDefaultCaseForExhaustiveSwitch: true }],
    },
  },
  {
    files: SPECS,
    rules: {
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      // Matchers of jest are typed as any; specifications are taken apart: const { given } = specification(decider).
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    files: PURE,
    ignores: SPECS,
    rules: {
      'no-restricted-globals': ['error', ...timers, ...effects],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: CLOCK },
        { object: 'performance', property: 'now', message: CLOCK },
        { object: 'Math', property: 'random', message: CHANCE },
        { object: 'crypto', property: 'randomUUID', message: CHANCE },
        { object: 'crypto', property: 'getRandomValues', message: CHANCE },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: CLOCK },
        { selector: "CallExpression[callee.name='Date']", message: CLOCK },
      ],
      'no-restricted-imports': [
        'error',
        {
          paths: ['node:crypto', 'crypto'].map((name) => ({
            name,
            importNames: ['randomUUID', 'randomBytes', 'randomInt', 'getRandomValues', 'webcrypto', 'default'],
            message: CHANCE,
          })),
          patterns: [
            { group: ['node:timers*', 'timers*', 'node:perf_hooks', 'perf_hooks'], message: CLOCK },
            { group: ['uuid'], importNamePattern: '^v\\d', message: CHANCE },
          ],
        },
      ],
    },
  },
);
