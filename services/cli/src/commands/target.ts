import type { Cli } from '../cli.js';
import { commandGroup, type Program } from '../root-command.js';
import { registerTargetApply } from './target-apply.js';
import { registerTargetInit } from './target-init.js';
import { registerTargetViews } from './target-list.js';
import { registerTargetSwitches } from './target-switches.js';

/** `target …`: where versions are published to. */
export function registerTarget(parent: Program, cli: Cli): void {
  const group = commandGroup(parent, 'target', 'where versions are published to: apply, list, show, hold, initialise');
  registerTargetApply(group, cli);
  registerTargetViews(group, cli);
  registerTargetSwitches(group, cli);
  registerTargetInit(group, cli);
}
