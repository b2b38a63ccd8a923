import { PartialTargetDocument, TargetDocument, type DocumentFault } from '@m3/contracts';
import { Ajv, type ErrorObject } from 'ajv';
import ajvFormats from 'ajv-formats';
import { closest, distance } from 'fastest-levenshtein';

/** More faults than anybody reads: a hostile document has as many as it likes. */
const maxFaults = 100;

const ajv = ajvFormats.default(new Ajv({ strict: false, allErrors: true, verbose: true }));
const isDocument = ajv.compile<TargetDocument>(TargetDocument);
const isSound = ajv.compile<PartialTargetDocument>(PartialTargetDocument);

/** What a value is as a target document: all that its form lacks, and those of its fields that are as they should be. */
export interface ReadDocument {
  /** The whole document; null when anything is wrong with its form. */
  readonly document: TargetDocument | null;
  readonly faults: readonly DocumentFault[];
  /** Fields at the top without any fault below them. */
  readonly sound: PartialTargetDocument;
  /** Names of the other fields at the top. */
  readonly faulty: ReadonlySet<string>;
}

/** Checks the form of a document. Never repeats a value: it may be a secret in the wrong place. */
export function readDocument(value: object): ReadDocument {
  if (isDocument(value)) return { document: value, faults: [], sound: value, faulty: new Set() };
  const faults = faultsOf(isDocument.errors ?? []);
  const faulty = new Set(faults.map(({ field }) => field.split('/')[1] ?? ''));
  const sound: unknown = Object.fromEntries(Object.entries(value).filter(([name]) => !faulty.has(name)));
  if (!isSound(sound)) throw new Error(`fields that were found sound are not: ${ajv.errorsText(isSound.errors)}`);
  return { document: null, faults, sound, faulty };
}

function faultsOf(errors: readonly ErrorObject[]): readonly DocumentFault[] {
  const found = new Map<string, DocumentFault>();
  for (const error of errors) {
    // A union complains once for each member, and once more for itself.
    const fault = error.keyword === 'anyOf' ? null : faultOf(error, errors);
    if (fault && !found.has(fault.field)) found.set(fault.field, fault);
  }
  return [...found.values()].slice(0, maxFaults);
}

function faultOf(error: ErrorObject, all: readonly ErrorObject[]): DocumentFault {
  const { keyword, instancePath, params } = error;
  switch (keyword) {
    case 'required': {
      const field = `${instancePath}/${pointer(String(params['missingProperty']))}`;
      return { code: 'missing_field', field, message: `${nameOf(field)} is missing` };
    }
    case 'additionalProperties':
      return unknownField(error);
    case 'const': {
      const allowed = all.flatMap((each) =>
        each.instancePath === instancePath && each.keyword === 'const' ? [String(each.params['allowedValue'])] : [],
      );
      return invalid(instancePath, `must be one of ${allowed.join(', ')}`);
    }
    default:
      return invalid(instancePath, demandOf(error));
  }
}

function invalid(field: string, demand: string): DocumentFault {
  return { code: 'invalid_value', field, message: `${nameOf(field)} ${demand}` };
}

/** What would be right, as the second half of a sentence. */
function demandOf({ keyword, params, parentSchema, message }: ErrorObject): string {
  const description: unknown = parentSchema?.['description'];
  if (keyword === 'pattern' && typeof description === 'string') return `must be ${description}`;
  if (keyword === 'type') return `must be ${typeNames[String(params['type'])] ?? String(params['type'])}`;
  return message ?? 'is not as it should be';
}

const typeNames: Readonly<Record<string, string>> = {
  object: 'an object',
  array: 'a list',
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
};

function unknownField({ instancePath, params, parentSchema }: ErrorObject): DocumentFault {
  const name = String(params['additionalProperty']);
  const properties: unknown = parentSchema?.['properties'];
  const known = typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
  const field = `${instancePath}/${pointer(name)}`;
  const where = instancePath === '' ? 'a target' : nameOf(instancePath);
  const guess = nearMiss(name, known);
  const remedy = guess === null ? `it has ${known.join(', ')}` : `did you mean ${guess}?`;
  return { code: 'unknown_field', field, message: `${nameOf(field)} is not a field of ${where}; ${remedy}` };
}

/** The one that was probably meant; null: none is near. */
export function nearMiss(text: string, known: readonly string[]): string | null {
  if (text.length > 100 || known.length === 0) return null;
  const guess = closest(text.toLowerCase(), known);
  return distance(text.toLowerCase(), guess) <= Math.max(1, Math.floor(guess.length / 3)) ? guess : null;
}

/** RFC 6901. */
function pointer(property: string): string {
  return property.replaceAll('~', '~0').replaceAll('/', '~1').slice(0, 100);
}

/** A pointer as people write it: `/access/require_approvals` is `access.require_approvals`. */
function nameOf(field: string): string {
  return field === '' ? 'the target' : field.slice(1).replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~');
}
