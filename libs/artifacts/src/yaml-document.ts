import { CST, parseDocument, Parser } from 'yaml';

/** Reading YAML costs far more than reading JSON, and agents are small. */
const maximumBytes = 256 * 1024;

/** The value that YAML text holds, or why it holds none. Aliases are refused: a few of them can stand for gigabytes. */
export function parseYaml(
  text: string,
  depth: number,
): { value: unknown } | { tooLarge: string } | { invalid: string } {
  if (Buffer.byteLength(text) > maximumBytes) return { tooLarge: `it is larger than ${maximumBytes} bytes` };
  // The composer recurses; near the end of the stack even a regular expression that it compiles can end the process.
  if (isDeeper(text, depth)) return { invalid: `it is nested deeper than ${depth} levels` };
  const document = parseDocument(text, { schema: 'core', uniqueKeys: true, prettyErrors: true });
  const [error] = document.errors;
  // The message of the parser quotes the text, which may hold a secret: only its code and the line are passed on.
  if (error) return { invalid: `line ${error.linePos?.[0].line ?? 1} is not valid YAML (${error.code})` };
  try {
    return { value: document.toJS({ maxAliasCount: 0 }) };
  } catch {
    return { invalid: 'it uses aliases' };
  }
}

function isDeeper(text: string, depth: number): boolean {
  const pending: { token: CST.Token; level: number }[] = [];
  for (const token of new Parser().parse(text)) pending.push({ token, level: 0 });
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { token, level } = next;
    if (level > depth) return true;
    for (const inner of innerTokens(token)) pending.push({ token: inner, level: level + 1 });
  }
  return false;
}

function innerTokens(token: CST.Token): CST.Token[] {
  if (token.type === 'document') return token.value ? [token.value] : [];
  if (!CST.isCollection(token)) return [];
  return token.items.flatMap(({ key, value }) => [...(key ? [key] : []), ...(value ? [value] : [])]);
}
