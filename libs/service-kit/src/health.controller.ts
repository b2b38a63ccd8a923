import { Controller, Get, Header, HttpException, HttpStatus, Inject } from '@nestjs/common';
import { RUNTIME, type ServiceRuntime } from './runtime.js';

/** What an orchestrator asks a service. */
@Controller()
export class HealthController {
  constructor(@Inject(RUNTIME) private readonly runtime: ServiceRuntime) {}

  /** The process runs. */
  @Get('health/live')
  live() {
    return { status: 'ok', service: this.runtime.service };
  }

  /** The service can do its work: the log answers. The bus is only faster; without it work goes on. */
  @Get('health/ready')
  async ready() {
    const { service, bus, pool } = this.runtime;
    try {
      await pool.query('select 1');
    } catch {
      throw new HttpException({ status: 'unavailable', service, log: 'unreachable' }, HttpStatus.SERVICE_UNAVAILABLE);
    }
    return { status: 'ok', service, log: 'ok', bus: bus.connected ? 'ok' : 'down' };
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4')
  metrics(): Promise<string> {
    return this.runtime.metrics.metrics();
  }
}
