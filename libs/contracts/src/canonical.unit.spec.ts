import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { canonicalDigest, canonicalForm, canonicalJson } from './canonical.js';

describe('canonical JSON', () => {
  it('is what RFC 8785 shows in its section 3.2', () => {
    const value = {
      numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/',
      literals: [null, true, false],
    };
    expect(canonicalJson(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  it('sorts by UTF-16 code units, numbers among the keys too', () => {
    const value = { '\u20ac': 1, '\r': 2, '\ufb33': 3, 1: 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7, 10: 8, 9: 9 };
    expect(Object.values(JSON.parse(canonicalJson(value)) as object)).toHaveLength(9);
    expect(canonicalJson(value)).toBe('{"\\r":2,"1":4,"10":8,"9":9,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}');
  });

  it('agrees with the reference library on any JSON, and reads as what it was made of', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const text = canonicalJson(value);
        expect(text).toBe(canonicalize(value));
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
      { numRuns: 300 },
    );
  });

  it('says what it reads as, whatever the keys are called', () => {
    const keys = fc.oneof(fc.constantFrom('__proto__', 'toJSON', '10', '9', '9a', '-1', ''), fc.string());
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof({ maxDepth: 4 }, fc.jsonValue({ maxDepth: 1 }), fc.dictionary(keys, tie('tree'), { maxKeys: 40 })),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        const { json, value: readAs } = canonicalForm(value);
        expect(json).toBe(canonicalize(value));
        expect(readAs).toStrictEqual(JSON.parse(json));
        expect(canonicalJson(readAs)).toBe(json);
      }),
      { numRuns: 300 },
    );
  });

  it('leaves out what JSON leaves out, and writes dates as JSON does', () => {
    const at = new Date('2026-03-19T14:23:45.000Z');
    expect(canonicalJson({ b: undefined, a: [undefined, at] })).toBe('{"a":[null,"2026-03-19T14:23:45.000Z"]}');
  });

  it.each([NaN, Infinity, 1n, undefined, { a: [-Infinity] }, { a: () => 1 }, [Symbol('a')]])(
    'has no form for %p',
    (value) => {
      expect(() => canonicalJson(value)).toThrow(TypeError);
    },
  );

  it('has no end for what contains itself', () => {
    const circle: { self?: unknown } = {};
    circle.self = circle;
    expect(() => canonicalJson(circle)).toThrow(/Circular/);
  });

  it('has one digest for one value, however it was written', () => {
    expect(canonicalDigest({ a: 1, b: [2] })).toBe(canonicalDigest(JSON.parse('{"b":[2.0],"a":1}')));
  });
});
