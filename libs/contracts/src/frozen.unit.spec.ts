import { readdirSync, readFileSync } from 'node:fs';
import { EventRegistry } from './event-registry.js';
import { eventCatalogue } from './events/catalogue.js';

interface FrozenEvent {
  readonly type: string;
  readonly schema_version: number;
  readonly data: unknown;
}

/** Events as earlier releases stored them, one file a release. These files are never changed. */
const folder = new URL('./frozen/', import.meta.url);
const releases = readdirSync(folder).map((file) => {
  const events: readonly FrozenEvent[] = JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
  return { release: file.replace('.json', ''), events };
});
const registry = new EventRegistry(eventCatalogue);

describe.each(releases)('events that release $release stored', ({ events }) => {
  it.each(events.map((event) => [event.type, event] as const))(
    '%s can still be read',
    (type, { schema_version, data }) => {
      expect(() => registry.read(type, schema_version, data)).not.toThrow();
    },
  );
});

describe('the frozen events', () => {
  it('hold every type of the catalogue in its current version', () => {
    const frozen = new Set(
      releases.flatMap(({ events }) => events.map(({ type, schema_version }) => `${type} ${schema_version}`)),
    );
    expect(eventCatalogue.map(({ type, version }) => `${type} ${version}`).filter((each) => !frozen.has(each))).toEqual(
      [],
    );
  });
});
