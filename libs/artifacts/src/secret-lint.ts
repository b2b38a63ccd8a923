import type { lintSource as LintSource } from '@secretlint/core';
import type { SecretLintCoreConfig } from '@secretlint/types';

/** Where secretlint saw a secret, in characters of the text, and what it calls it. */
export interface LintedSecret {
  readonly what: string;
  readonly start: number;
  readonly end: number;
}

interface Linter {
  readonly lintSource: typeof LintSource;
  readonly config: SecretLintCoreConfig;
}

let linter: Promise<Linter> | undefined;

/** Runs secretlint's recommended rules over a text. They are loaded at the first call: about 11 MB of memory. */
export async function lintSecrets(text: string): Promise<LintedSecret[]> {
  const { lintSource, config } = await (linter ??= loadLinter());
  const result = await lintSource({
    // A comment in the text could switch the rules off; one letter less and it is no such comment, at the same length.
    source: {
      filePath: 'artifact.txt',
      content: text.replaceAll('secretlint-', 'secret_int-'),
      ext: '.txt',
      contentType: 'text',
    },
    options: { config, noPhysicFilePath: true, maskSecrets: true },
  });
  return result.messages.map(({ ruleId, range: [start, end] }) => ({
    what: `a secret of the form "${ruleId.slice(ruleId.lastIndexOf('rule-') + 'rule-'.length)}"`,
    start,
    end,
  }));
}

async function loadLinter(): Promise<Linter> {
  const [{ lintSource }, { creator }] = await Promise.all([
    import('@secretlint/core'),
    import('@secretlint/secretlint-rule-preset-recommend'),
  ]);
  const id = '@secretlint/secretlint-rule-preset-recommend';
  return { lintSource, config: { rules: [{ id, rule: creator, options: {} }] } };
}
