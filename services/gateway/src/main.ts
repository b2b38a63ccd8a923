import { runService } from '@m3/service-kit';
import { GatewayModule, prepareHttp } from './gateway.module.js';

await runService({
  name: 'gateway',
  module: (runtime, environment) => GatewayModule.create(runtime, environment),
  answersCommands: false,
  http: (app) => prepareHttp(app),
});
