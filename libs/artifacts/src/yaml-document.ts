import type * as Yaml from 'yaml';

/** Reading YAML costs far more than reading JSON, and agents are small. */
const maximumBytes = 256 * 1024;

/** The value that YAML text holds, or why it holds none. The parser is loaded when it is first needed. Aliases are refused: a few of them can stand for gigabytes. */
export async function parseYaml(
  text: string,
  depth: number,
): Promise<{ value: unknown } | { tooLarge: string } | { invalid: string }> {
  if (Buffer.byteLength(text) > maximumBytes) return { tooLarge: `it is larger than ${maximumBytes} bytes` };
  const yaml = await import('yaml');
  // The composer recurses; near the end of the stack even a regular expression that it compiles can end the process.
  if (isDeeper(yaml, text, depth)) return { invalid: `it is nested deeper than ${depth} levels` };
  const document = yaml.parseDocument(text, { schema: 'core', uniqueKeys: true, prettyErrors: true });
  const [error] = document.errors;
  // The message of the parser quotes the text, which may hold a secret: only its code and the line are passed on.
  if (error) return { invalid: `line ${error.linePos?.[0].line ?? 1} is not valid YAML (${error.code})` };
  try {
    return { value: document.toJS({ maxAliasCount: 0 }) };
  } catch {
    return { invalid: 'it uses aliases' };
  }
}

function isDeeper(yaml: typeof Yaml, text: string, depth: number): boolean {
  const pending: { token: Yaml.CST.Token; level: number }[] = [];
  for (const token of new yaml.Parser().parse(text)) pending.push({ token, level: 0 });
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { token, level } = next;
    if (level > depth) return true;
    for (const inner of innerTokens(yaml, token)) pending.push({ token: inner, level: level + 1 });
  }
  return false;
}

function innerTokens({ CST: cst }: typeof Yaml, token: Yaml.CST.Token): Yaml.CST.Token[] {
  if (token.type === 'document') return token.value ? [token.value] : [];
  if (!cst.isCollection(token)) return [];
  return token.items.flatMap(({ key, value }) => [...(key ? [key] : []), ...(value ? [value] : [])]);
}
