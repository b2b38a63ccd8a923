import { Argument } from '@commander-js/extra-typings';
import type { Cli } from '../cli.js';
import { completionScript, type CompletionNode } from '../output/completion.js';
import type { Program } from '../root-command.js';
import { examples } from './examples.js';

/** The part of a command that completion needs. */
interface CommandTree {
  name(): string;
  readonly options: readonly { readonly long?: string | undefined; readonly hidden: boolean }[];
  readonly commands: readonly CommandTree[];
}

/** `completion bash|zsh|fish`: a script for the shell, made from the commands themselves. */
export function registerCompletion(parent: Program, cli: Cli): void {
  parent
    .command('completion')
    .description('print a completion script for your shell')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish'] as const))
    .addHelpText(
      'after',
      examples(
        'completion bash > /etc/bash_completion.d/m3-publish',
        'completion zsh > ~/.zfunc/_m3-publish',
        'completion fish > ~/.config/fish/completions/m3-publish.fish',
      ),
    )
    .action((shell) => cli.output.raw(completionScript(shell, nodesOf(parent, []))));
}

function nodesOf(command: CommandTree, path: readonly string[]): CompletionNode[] {
  const options = command.options.flatMap(({ long, hidden }) => (long === undefined || hidden ? [] : [long]));
  const words = [...command.commands.map((child) => child.name()), ...options, '--help'];
  return [
    { path: path.join(' '), words },
    ...command.commands.flatMap((child) => nodesOf(child, [...path, child.name()])),
  ];
}
