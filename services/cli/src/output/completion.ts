/** What can follow a command: its subcommands and options. `path` is e.g. `target apply`; '' is the program. */
export interface CompletionNode {
  readonly path: string;
  readonly words: readonly string[];
}

/** A completion script for a shell; it calls nothing, so it is as fast as the shell. */
export function completionScript(shell: 'bash' | 'zsh' | 'fish', nodes: readonly CompletionNode[]): string {
  return { bash, zsh, fish }[shell](nodes);
}

function bash(nodes: readonly CompletionNode[]): string {
  return `# m3-publish completion for bash
_m3_publish() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$path $word" in
${known(nodes)
  .map((path) => `      " ${path}"|"${path}") path="${path}" ;;`)
  .join('\n')}
    esac
  done
  local words=""
  case "$path" in
${nodes.map(({ path, words }) => `    "${path}") words="${words.join(' ')}" ;;`).join('\n')}
  esac
  COMPREPLY=( $(compgen -W "$words" -- "$current") )
}
complete -o default -F _m3_publish m3-publish
`;
}

function zsh(nodes: readonly CompletionNode[]): string {
  return `#compdef m3-publish
_m3_publish() {
  local path_so_far="" word
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "\${path_so_far:+$path_so_far }$word" in
${known(nodes)
  .map((path) => `      "${path}") path_so_far="${path}" ;;`)
  .join('\n')}
    esac
  done
  case "$path_so_far" in
${nodes.map(({ path, words }) => `    "${path}") compadd -- ${words.join(' ')} ;;`).join('\n')}
  esac
}
if [ "$funcstack[1]" = "_m3_publish" ]; then
  _m3_publish "$@"
else
  compdef _m3_publish m3-publish
fi
`;
}

function fish(nodes: readonly CompletionNode[]): string {
  const lines = nodes.flatMap(({ path, words }) => {
    const parts = path === '' ? [] : path.split(' ');
    const seen = parts.map((part) => `__fish_seen_subcommand_from ${part}`);
    const below = words.filter((word) => !word.startsWith('-'));
    const none = below.length === 0 ? [] : [`not __fish_seen_subcommand_from ${below.join(' ')}`];
    const condition = [...seen, ...none].join('; and ');
    return words.map((word) => {
      const argument = word.startsWith('--') ? `-l ${word.slice(2)}` : `-f -a ${word}`;
      return `complete -c m3-publish${condition === '' ? '' : ` -n '${condition}'`} ${argument}`;
    });
  });
  return `# m3-publish completion for fish\n${lines.join('\n')}\n`;
}

function known(nodes: readonly CompletionNode[]): string[] {
  return nodes.flatMap(({ path }) => (path === '' ? [] : [path]));
}
