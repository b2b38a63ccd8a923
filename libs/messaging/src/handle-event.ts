import type { EventDefinition, EventOf, RecordedEvent } from '@m3/contracts';
import { Catch, UseFilters, type ExceptionFilter } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { throwError, type Observable } from 'rxjs';
import type { Delivery, InboxMessage } from './consumer.js';
import { EVENT_BUS, type HandlerOptions } from './event-bus-strategy.js';

/** Lets the bus see what a handler threw. Nest's own filter would replace it by "Internal server error". */
@Catch()
export class FaultsReachTheBus implements ExceptionFilter {
  catch(fault: unknown): Observable<never> {
    return throwError(() => fault);
  }
}

/** A decorator for methods that take exactly this payload. */
type HandlerDecorator<Payload> = <Method extends (payload: Payload, delivery: Delivery) => Promise<void>>(
  target: object,
  key: string | symbol,
  descriptor: TypedPropertyDescriptor<Method>,
) => void;

/**
 * Handles each event of a declared type: `@HandleEvent(definition, { concurrency: 4 })` on a controller method
 * `(event: RecordedEvent<…>, delivery: Delivery) => Promise<void>`. The method resolves when the effect is recorded, may be
 * called again for the same event, and throws `Unprocessable` for what can never work.
 */
export function HandleEvent<Definition extends EventDefinition>(
  definition: Definition,
  options: HandlerOptions = {},
): HandlerDecorator<RecordedEvent<EventOf<Definition>>> {
  return onBus(`${definition.category}.${definition.type}`, options);
}

/** Handles raw messages of other systems on `<subject>.>`. */
export function HandleInbox(subject: string, options: HandlerOptions = {}): HandlerDecorator<InboxMessage> {
  return onBus(`inbox:${subject}`, options);
}

function onBus(pattern: string, options: HandlerOptions): MethodDecorator {
  return (target, key, descriptor) => {
    // Nest hands on the payload alone unless a method names its parameters.
    Payload()(target, key, 0);
    Ctx()(target, key, 1);
    EventPattern([pattern], EVENT_BUS, { ...options })(target, key, descriptor);
    UseFilters(FaultsReachTheBus)(target, key, descriptor);
  };
}
