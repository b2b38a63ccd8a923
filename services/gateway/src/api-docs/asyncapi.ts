import { eventCatalogue, VersionTaggedMessage, type EventDefinition } from '@m3/contracts';

/** The AsyncAPI document of the bus, made of the event catalogue. */

type Json = Readonly<Record<string, unknown>>;

/** @param version of the API */
export function asyncApi(version: string): Json {
  const all: readonly EventDefinition[] = eventCatalogue;
  const definitions = all.filter(({ logOnly }) => !logOnly);
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'M3 Forge Publishing: events',
      version,
      description:
        'CloudEvents 1.0 in structured JSON on NATS JetStream. The stream is a cache of the event log: ' +
        'what must be complete and in order is read by `seq` from the API.',
    },
    defaultContentType: 'application/cloudevents+json',
    channels: {
      'version.tagged': {
        address: 'version.tagged.{project}',
        title: 'Versions that were tagged: the input of the product',
        parameters: { project: { description: 'name of the project' } },
        messages: { VersionTagged: { name: 'version.tagged', payload: plain(VersionTaggedMessage) } },
      },
      ...Object.fromEntries(definitions.map((definition) => [definition.type, channel(definition)])),
    },
    operations: {
      receiveTags: { action: 'receive', channel: { $ref: '#/channels/version.tagged' } },
      ...Object.fromEntries(
        definitions.map(({ type }) => [`send${type}`, { action: 'send', channel: { $ref: `#/channels/${type}` } }]),
      ),
    },
  };
}

function channel({ type, category, version, schema, example }: EventDefinition): Json {
  return {
    address: `evt.${category}.${type}.{stream_id}`,
    parameters: { stream_id: { description: `name of the ${category} stream without its category` } },
    messages: {
      [type]: {
        name: type,
        title: `${type}, version ${version}`,
        payload: plain(schema),
        examples: [{ payload: example }],
      },
    },
  };
}

function plain(schema: unknown): unknown {
  return JSON.parse(JSON.stringify(schema), (key, value: unknown) => (key === '$id' ? undefined : value));
}
