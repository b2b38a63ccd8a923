import { relative } from 'node:path';
import { people } from './people.js';
import { sampleReleaseFolder, sampleVersion } from './sample.js';
import type { Stack } from './stack.js';

/** Where everything is, who may sign in, and what to try, as lines for a person at a terminal. */
export function summary(stack: Stack, tokens: ReadonlyMap<string, string>, cwd: string): readonly string[] {
  return [...addresses(stack, cwd), '', ...signIn(stack, tokens, cwd), '', ...hints(stack, cwd)];
}

function addresses({ services, servers, sandboxes, home }: Stack, cwd: string): readonly string[] {
  const { url } = services.gateway;
  const rows: readonly (readonly [string, string])[] = [
    ['API', `${url}/api/v1`],
    ['its description', `${url}/api/docs`],
    ['events on the bus', `${url}/api/asyncapi.json`],
    ...[...sandboxes.values()].map(({ name, gateway }) => [`sandbox ${name}`, gateway.url] as const),
    ['PostgreSQL', withoutPassword(servers.postgres.adminUrl)],
    ['NATS', withoutPassword(servers.nats.url)],
    ['S3', `${servers.s3.endpoint}/${servers.s3.bucket}`],
    ['logs', `${shown(home, cwd)}/logs`],
    ['metrics', `${url}/metrics, likewise at ports ${portsOf(services).join(', ')}`],
  ];
  return ['Where everything is', ...rows.map(([name, place]) => `  ${name.padEnd(20)}${place}`)];
}

function portsOf({ gateway: _, ...others }: Stack['services']): readonly number[] {
  return Object.values(others)
    .map(({ port }) => port)
    .sort((one, other) => one - other);
}

function signIn({ home }: Stack, tokens: ReadonlyMap<string, string>, cwd: string): readonly string[] {
  const folder = `${shown(home, cwd)}/tokens`;
  return [
    `Tokens (for Authorization: Bearer …; good for a week; also in ${folder}/)`,
    ...people.flatMap(({ name, roles }) => [`  ${name} (${roles.join(', ')})`, `    ${tokens.get(name) ?? ''}`]),
  ];
}

function hints({ home, services }: Stack, cwd: string): readonly string[] {
  const { project, version } = sampleVersion;
  const folder = shown(home, cwd);
  const atUsualPlace = folder === '.m3-publish';
  const as = (name: string) => `M3_PUBLISH_TOKEN=$(cat ${folder}/tokens/${name}) npx m3-publish`;
  const release = relative(cwd, sampleReleaseFolder);
  const cli = atUsualPlace ? 'npx m3-publish' : as('ann');
  const steps: readonly (readonly [string, string])[] = [
    ['how the targets stand', `${cli} target list`],
    ['ask for a publish to staging', `${cli} publish ${project} ${version} --target Staging`],
    ['see it waiting, as alice', `${as('alice')} approvals`],
    ['approve it, as alice', `${as('alice')} approve <publish id>`],
    ['production: two of alice, bob and carol', `${cli} publish ${project} ${version} --target Production --watch`],
    ['another version, live', `${cli} version tag v1.4.0 --dir ${release} --branch main --watch`],
    ['a crash: it comes back and goes on', `kill -9 ${services.deployer.pid ?? '<process id>'}`],
  ];
  return [
    'Try next',
    ...(atUsualPlace ? [] : [`  export M3_PUBLISH_URL=${services.gateway.url}`]),
    ...steps.flatMap(([purpose, command]) => [`  # ${purpose}`, `  ${command}`]),
  ];
}

function shown(path: string, cwd: string): string {
  const from = relative(cwd, path);
  return from.startsWith('..') ? path : from;
}

function withoutPassword(text: string): string {
  const url = new URL(text);
  url.password = '';
  return url.href;
}
