import { Command } from '@commander-js/extra-typings';
import { defaultUrl } from './settings.js';

/** The program with the options that every command has. */
export function rootCommand() {
  return new Command('m3-publish')
    .description('Publish tagged versions to their targets: check, approve, deploy, watch, undo.')
    .option('--url <url>', `address of the gateway (default: ${defaultUrl})`)
    .option('--token <token>', 'token to sign in with; better kept in M3_PUBLISH_TOKEN')
    .option('--json', 'print JSON: one document, or NDJSON for what goes on')
    .option('--no-color', 'no colours')
    .option('--idempotency-key <key>', 'repeat a command whose outcome is unknown: under one key it is done only once')
    .version('0.1.0', '-V, --version', 'print the version of this command');
}
export type Program = ReturnType<typeof rootCommand>;

/** A command that only holds others, such as `target`. */
export function commandGroup(parent: Program, name: string, description: string) {
  return parent.command(name).description(description);
}
export type CommandGroup = ReturnType<typeof commandGroup>;
