/** The examples under a command's help. */
export function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ m3-publish ${line}`).join('\n')}`;
}
