import type { Cli } from '../cli.js';
import { commandGroup, type Program } from '../root-command.js';
import { registerTargetApply } from './target-apply.js';
import { registerTargetHealth } from './target-health.js';
import { registerTargetHistory } from './target-history.js';
import { registerTargetInit } from './target-init.js';
import { registerTargetViews } from './target-list.js';
import { registerTargetSwitches } from './target-switches.js';

/** `target …`: where versions are published to. */
export function registerTarget(parent: Program, cli: Cli): void {
  const group = commandGroup(
    parent,
    'target',
    'where versions are published to: apply, list, show, hold, check, initialise',
  );
  registerTargetApply(group, cli);
  registerTargetViews(group, cli);
  registerTargetHistory(group, cli);
  registerTargetSwitches(group, cli);
  registerTargetHealth(group, cli);
  registerTargetInit(group, cli);
}
