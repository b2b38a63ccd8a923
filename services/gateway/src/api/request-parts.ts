import { closed } from '@m3/contracts';
import { Type } from '@sinclair/typebox';

/** Parts of requests that many routes have. */

export const idOrName = Type.String({ minLength: 1, maxLength: 100, description: 'id or name' });

/** A body that may be left out, or be `{}`. */
export const nothing = { schema: Type.Object({}, closed), optional: true };
