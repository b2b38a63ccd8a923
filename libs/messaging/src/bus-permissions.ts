import { DEADLETTER_STREAM, durableName, EVENTS_STREAM, INBOX_STREAM, parsePattern, streamOf } from './subjects.js';

/** What a service does on the bus. */
export interface BusUse {
  readonly service: string;
  /** Patterns that it handles, e.g. `publish.BackupRequested`. */
  readonly patterns: readonly string[];
  /** Stream categories whose events it appends. */
  readonly categories: readonly string[];
  /** Whether it brings dead letters of other services back. */
  readonly replays?: boolean;
}

/** The only subjects that a login of the bus may use, as the server's configuration takes them. */
export interface BusPermissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

const STREAMS = [EVENTS_STREAM, INBOX_STREAM, DEADLETTER_STREAM];

/** The least that a service's login on the bus needs: its own subjects, consumers and inbox. */
export function busPermissions({ service, patterns, categories, replays = false }: BusUse): BusPermissions {
  const consumers = patterns.map((pattern) => {
    const route = parsePattern(pattern);
    return { stream: streamOf(route), durable: durableName(service, route) };
  });
  return {
    publish: [
      ...categories.map((category) => `evt.${category}.>`),
      ...STREAMS.flatMap((stream) => [`$JS.API.STREAM.INFO.${stream}`, `$JS.API.STREAM.CREATE.${stream}`]),
      ...consumers.flatMap(({ stream, durable }) => consumerSubjects(stream, durable)),
      ...(replays ? ['evt.>', 'version.tagged.>'] : []),
      handledSubject(service),
    ],
    subscribe: [`_INBOX_${service}.>`, handledSubject(service)],
  };
}

/** Where the replicas of a service tell each other what they have handled. */
export function handledSubject(service: string): string {
  return `m3.handled.${service}`;
}

function consumerSubjects(stream: string, durable: string): string[] {
  return [
    `$JS.API.CONSUMER.INFO.${stream}.${durable}`,
    `$JS.API.CONSUMER.CREATE.${stream}.${durable}.>`,
    `$JS.API.CONSUMER.MSG.NEXT.${stream}.${durable}`,
    `$JS.ACK.${stream}.${durable}.>`,
    `deadletter.${durable}`,
  ];
}
