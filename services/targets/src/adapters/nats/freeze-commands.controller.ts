import { answer, HandleCommand, RUNTIME, type ServiceRuntime } from '@m3/service-kit';
import { Controller, Inject } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { KeepCalendar } from '../../use-cases/keep-calendar.js';
import { commandContext } from './command-context.js';

/** Operators' commands on the calendar of freezes. */
@Controller()
export class FreezeCommandsController {
  constructor(
    private readonly calendar: KeepCalendar,
    @Inject(RUNTIME) private readonly runtime: ServiceRuntime,
  ) {}

  @HandleCommand('freezes.declare')
  declare(@Payload() payload: unknown) {
    return answer('freezes.declare', payload, (command) =>
      this.calendar.declare(command, commandContext(this.runtime, command)),
    );
  }

  @HandleCommand('freezes.lift')
  lift(@Payload() payload: unknown) {
    return answer('freezes.lift', payload, (command) =>
      this.calendar.lift(command, commandContext(this.runtime, command)),
    );
  }
}
