import {
  applyDecorators,
  Controller,
  HttpCode,
  RequestMapping,
  RequestMethod,
  SetMetadata,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { AccessGuard } from '../sign-in/access-guard.js';
import { AddressLimit } from '../sign-in/address-limit.js';
import { RequestShape } from './request-shape.js';
import { ROUTE, type RouteSpec } from './route-spec.js';

/** Where the API begins. */
export const API_PREFIX = '/api/v1';

/** Declares a method to be a route of the API. */
export function Route(spec: RouteSpec): MethodDecorator {
  return applyDecorators(
    RequestMapping({ path: spec.path, method: RequestMethod[spec.method] }),
    HttpCode(spec.status ?? 200),
    SetMetadata(ROUTE, spec),
  );
}

/** A controller of the API: nobody gets to its routes without a token, a role, and a request of the declared form. */
export function ApiController(path: string): ClassDecorator {
  return applyDecorators(Controller(`${API_PREFIX}/${path}`), UseGuards(AccessGuard), UseInterceptors(RequestShape));
}

/** A controller of the API for callers who prove themselves by what is in the address instead of signing in. */
export function OpenController(path: string): ClassDecorator {
  return applyDecorators(Controller(`${API_PREFIX}/${path}`), UseGuards(AddressLimit), UseInterceptors(RequestShape));
}
