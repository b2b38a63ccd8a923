import { Ajv, type ValidateFunction } from 'ajv';
import ajvFormats from 'ajv-formats';
import type { EventDefinition } from './define-event.js';

/** Data that does not have the shape its event type declares. `field` is a JSON pointer into the data. */
export class InvalidEventError extends Error {
  readonly code = 'invalid_event';
  constructor(
    readonly eventType: string,
    readonly field: string,
    reason: string,
  ) {
    super(`event ${eventType} is invalid at ${field || '/'}: ${reason}`);
  }
}

/** Validates and upcasts event data by type. Built once from the catalogue; schemas are compiled on first use. */
export class EventRegistry {
  private readonly definitions: ReadonlyMap<string, EventDefinition>;
  private readonly validators = new Map<string, ValidateFunction>();
  private readonly ajv = new Ajv({ strict: false, allErrors: false });

  constructor(definitions: readonly EventDefinition[]) {
    ajvFormats.default(this.ajv);
    this.definitions = new Map(definitions.map((definition) => [definition.type, definition]));
    if (this.definitions.size !== definitions.length) throw new Error('two event definitions share one type name');
  }

  all(): readonly EventDefinition[] {
    return [...this.definitions.values()];
  }

  /** The declaration of a type; throws {@link InvalidEventError} for a type nobody declared. */
  definition(type: string): EventDefinition {
    const definition = this.definitions.get(type);
    if (!definition) throw new InvalidEventError(type, '', 'no such event type is declared');
    return definition;
  }

  /** Checks data of the current version before it is appended; throws {@link InvalidEventError}. */
  check(type: string, data: unknown): void {
    const validate = this.validator(type);
    if (validate(data)) return;
    const error = validate.errors?.[0];
    throw new InvalidEventError(type, error?.instancePath ?? '', error?.message ?? 'unknown reason');
  }

  /** Data as the current version declares it, from data stored under `schemaVersion`; throws {@link InvalidEventError}. */
  read(type: string, schemaVersion: number, stored: unknown): object {
    const { version, upcasters } = this.definition(type);
    if (schemaVersion > version)
      throw new InvalidEventError(type, '', `version ${schemaVersion} is newer than ${version}`);
    let data = stored;
    for (let from = schemaVersion; from < version; from++) {
      const upcast = upcasters[from];
      if (!upcast) throw new InvalidEventError(type, '', `no upcaster from version ${from}`);
      data = upcast(data);
    }
    this.check(type, data);
    return data as object;
  }

  private validator(type: string): ValidateFunction {
    const known = this.validators.get(type);
    if (known) return known;
    const compiled = this.ajv.compile(this.definition(type).schema);
    this.validators.set(type, compiled);
    return compiled;
  }
}
