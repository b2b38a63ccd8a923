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
    [
      'metrics',
      Object.values(services)
        .map((service) => `${service.url}/metrics`)
        .join(' '),
    ],
  ];
  return ['Where everything is', ...rows.map(([name, place]) => `  ${name.padEnd(20)}${place}`)];
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
  const cli = atUsualPlace ? 'npx m3-publish' : as('ann');
  return [
    'Try next',
    ...(atUsualPlace ? [] : [`  export M3_PUBLISH_URL=${services.gateway.url}`]),
    `  ${cli} target list`,
    `  ${cli} publish ${project} ${version} --target Staging          it then waits for an approval`,
    `  ${as('alice')} approvals`,
    `  ${as('alice')} approve <publish id>`,
    `  ${cli} publish ${project} ${version} --target Production       needs two of alice, bob and carol`,
    `  ${cli} version tag v1.4.0 --dir ${relative(cwd, sampleReleaseFolder)} --branch main --watch`,
    `  kill -9 ${services.deployer.pid ?? '<pid>'}                     the deployer comes back and goes on where it was`,
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
