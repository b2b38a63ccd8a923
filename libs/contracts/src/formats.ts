import { Ajv } from 'ajv';
import ajvFormats from 'ajv-formats';

/** Compiled when the first time is read: the programs that import this need not wait for it at their start. */
const plain = ajvFormats.default(new Ajv({ meta: false, validateSchema: false }));
const dateTime = { type: 'string', format: 'date-time' } as const;

/**
 * Teaches ajv the formats of what comes from outside. A leap second is a date-time too, but no time that clocks here can
 * show, so it is refused where it comes in.
 */
export function withFormats(ajv: Ajv): Ajv {
  return ajvFormats
    .default(ajv)
    .addFormat('date-time', (text: string) => plain.validate(dateTime, text) && !Number.isNaN(Date.parse(text)));
}
