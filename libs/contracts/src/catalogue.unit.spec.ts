import { eventCatalogue } from './events/catalogue.js';
import { EventRegistry, InvalidEventError } from './event-registry.js';

const registry = new EventRegistry(eventCatalogue);

describe('the event catalogue', () => {
  it.each(eventCatalogue.map((definition) => [definition.type, definition] as const))(
    '%s: its example has its declared shape',
    (type, definition) => {
      expect(() => registry.check(type, definition.example)).not.toThrow();
    },
  );

  it.each(eventCatalogue.map((definition) => [definition.type, definition] as const))(
    '%s: refuses an unknown field, naming it',
    (type, definition) => {
      expect(() => registry.check(type, { ...definition.example, planted: true })).toThrow(InvalidEventError);
    },
  );

  it('refuses a type that nobody declared', () => {
    expect(() => registry.check('Undeclared', {})).toThrow('no such event type');
  });
});
