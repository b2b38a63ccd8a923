import { SecretsRotation } from '@m3/contracts';
import type { Cli } from '../cli.js';
import { exitCodes } from '../exit-codes.js';
import { commandGroup, type Program } from '../root-command.js';
import { examples } from './examples.js';

/** `secret rotate`: puts secrets under the current key. */
export function registerSecret(parent: Program, cli: Cli): void {
  const group = commandGroup(parent, 'secret', 'keys that the secrets of targets are under');
  group
    .command('rotate')
    .description('put all secrets under the current key (SECRET_KEY of the services); may be repeated at any time')
    .addHelpText('after', examples('secret rotate'))
    .action(async () => {
      const done = await rotate(cli);
      cli.output.result(done, () => print(cli, done));
      if (done.remaining > 0 || done.unopenable.length > 0) cli.exitCode = exitCodes.failed;
    });
}

/** Run after run, until nothing remains or a run gets nowhere. */
async function rotate(cli: Cli): Promise<SecretsRotation> {
  let all: SecretsRotation | null = null;
  for (;;) {
    const run = await cli.api.post('secrets/rotate', SecretsRotation, { body: {} });
    all = all === null ? run : { ...run, rewrapped: [...all.rewrapped, ...run.rewrapped] };
    if (run.remaining === 0 || run.rewrapped.length === 0) return all;
  }
}

function print({ output }: Cli, { key_id, rewrapped, current, remaining, unopenable }: SecretsRotation): void {
  for (const from of rewrapped) output.line(`${from.count} secrets from ${from.key_id} to ${key_id}`);
  output.line(`${current} secrets are under ${key_id}`);
  if (remaining > 0)
    output.line(`${remaining} could not be put under it: they were altered, or are being rotated`, 'bad');
  for (const { key_id: lost, count } of unopenable)
    output.line(
      `${count} secrets are under ${lost}, which targets does not have: add it to SECRET_KEYS_PREVIOUS`,
      'bad',
    );
}
