/** Types of elements by their number in PostgreSQL's catalogue. */
const OIDS = { bytea: 17, json: 114 } as const;

/** Dimensions, whether there are nulls, the type; then length and first index of the one dimension. */
const HEADER_BYTES = 20;
const LENGTH_BYTES = 4;

/**
 * An array as PostgreSQL receives it in binary, which the driver sends as it is. Written as text, each quote of a JSON
 * document is escaped here and unescaped there, and bytes are sent as hexadecimal digits: for long documents that costs more
 * than all else on the way.
 */
export function binaryArray(type: keyof typeof OIDS, elements: readonly (string | Buffer)[]): Buffer {
  const lengths = elements.map((element) => Buffer.byteLength(element));
  const array = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + LENGTH_BYTES + length, HEADER_BYTES));
  let at = 0;
  for (const number of [1, 0, OIDS[type], elements.length, 1]) at = array.writeInt32BE(number, at);
  elements.forEach((element, index) => {
    at = array.writeInt32BE(lengths[index] ?? 0, at);
    at += typeof element === 'string' ? array.write(element, at) : element.copy(array, at);
  });
  return array;
}
