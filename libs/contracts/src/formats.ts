import { Ajv } from 'ajv';
import ajvFormats from 'ajv-formats';

const isDateTime = ajvFormats.default(new Ajv()).compile<string>({ type: 'string', format: 'date-time' });

/**
 * Teaches ajv the formats of what comes from outside. A leap second is a date-time too, but no time that clocks here can
 * show, so it is refused where it comes in.
 */
export function withFormats(ajv: Ajv): Ajv {
  return ajvFormats
    .default(ajv)
    .addFormat('date-time', (text: string) => isDateTime(text) && !Number.isNaN(Date.parse(text)));
}
