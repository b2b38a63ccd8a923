import { newId, type TargetDocument } from '@m3/contracts';
import { evolveTarget, type Target } from '@m3/policies';
import { contradictions } from './document-rules.js';
import { readDocument } from './document-shape.js';
import { comparison, settledFrom } from './target-comparison.js';
import { databaseUrl, referencesOf, secretsIn, withoutSecrets, type Secrets } from './target-secrets.js';

const first = `whsec_${'Zmlyc3Q0'.repeat(4)}`;
const second = `whsec_${'c2Vjb25k'.repeat(4)}`;
const database = { host: 'db.example.com', port: 5432, name: 'm3' };
const licences = { name: 'licences', url: 'https://licences.example.com/judge' };
const documentWith = (...external: NonNullable<NonNullable<TargetDocument['gates']>['external']>): TargetDocument => ({
  ...{ name: 'Production', environment: 'production', type: 'auto_deploy', gateway_id: 'g', schema: 'production' },
  ...{ gateway_url: 'https://gateway.example.com', database_url: 'postgresql://u:first@db.example.com:5432/m3' },
  gates: { external },
});
const references = (document: TargetDocument): Secrets =>
  new Map([...secretsIn(document).keys()].map((place) => [place, newId('secret')]));

/** A target as it is with a document. */
function target(document: TargetDocument, refs = references(document)): Target {
  const settled = settledFrom({ document, database, known: new Map() }, newId('target'), refs);
  const created = evolveTarget(null, { type: 'TargetCreated', data: settled });
  if (created === null) throw new Error('a target that was created is there');
  return created;
}

/** What a document changes on a target; `same`: the places of secrets that have the same value. */
function changes(existing: Target, document: TargetDocument, ...same: readonly string[]) {
  const known = new Map([...referencesOf(existing)].filter(([place]) => same.includes(place)));
  return comparison(existing, { document, database, known });
}

const gateSecret = 'gates.external.licences.secret';

describe('the secrets of a document', () => {
  it('are its database URL and what its external gates are signed with', () => {
    const document = documentWith({ ...licences, secret: first }, { ...licences, name: 'unsigned' });
    expect([...secretsIn(document).keys()]).toEqual([databaseUrl, gateSecret]);
  });

  it('are stored as references, and their digest is another with another secret', () => {
    const document = documentWith({ ...licences, secret: first });
    const [one, other] = [target(document), target(document)];
    expect(JSON.stringify(one)).not.toContain('whsec_');
    expect(one.document.gates?.external).toEqual([{ ...licences, secret_ref: referencesOf(one).get(gateSecret) }]);
    const refs = new Map(referencesOf(one)).set(gateSecret, referencesOf(other).get(gateSecret) ?? '');
    expect(target(document, refs).config_digest).not.toBe(one.config_digest);
    expect(target(document, referencesOf(one)).config_digest).toBe(one.config_digest);
  });

  it('leave a document without any as it is', () => {
    const document = documentWith(licences);
    expect(withoutSecrets(document).gates).toEqual({ external: [licences] });
  });

  const signedWith = (secret: string | null) => documentWith(secret === null ? licences : { ...licences, secret });

  it.each<[string, string | null, string | null, object | null]>([
    ['the same', first, first, null],
    ['another', first, second, { field: gateSecret, before: 'set', after: 'changed' }],
    ['one where there was none', null, first, { field: gateSecret, before: null, after: 'set' }],
    ['none where there was one', first, null, { field: gateSecret, before: 'set', after: null }],
  ])('are said to change, and never shown: %s', (_, before, after, expected) => {
    const same = before === after ? [databaseUrl, gateSecret] : [databaseUrl];
    const compared = changes(target(signedWith(before)), signedWith(after), ...same);
    expect(compared.changes).toEqual(expected === null ? [] : [expected]);
    expect(compared.outcome).toBe(expected === null ? 'unchanged' : 'changed');
  });

  it('go with their gate, whose other fields are compared one by one', () => {
    const before = target(documentWith({ ...licences, secret: first }, { ...licences, name: 'sizes' }));
    const after = documentWith({ ...licences, secret: first, timeout_seconds: 60 });
    expect(changes(before, after, databaseUrl, gateSecret).changes).toEqual([
      { field: 'gates.external.licences.timeout_seconds', before: null, after: 60 },
      { field: 'gates.external.sizes', before: { url: licences.url }, after: null },
    ]);
  });

  it.each([
    ['no whsec_', 'c2lnbmVk'.repeat(4)],
    ['half a group of base64', `${first}a`],
    ['too short', 'whsec_c2lnbmVk'],
  ])('are refused as what they are not, and not repeated: %s', (_, secret) => {
    const { faults } = readDocument(documentWith({ ...licences, secret }));
    expect(faults).toMatchObject([{ code: 'invalid_value', field: '/gates/external/0/secret' }]);
    expect(JSON.stringify(faults)).not.toContain(secret);
  });

  it('have no place in the address of a gate, and references are not for people to write', () => {
    const url = 'https://user:pass@licences.example.com';
    expect(contradictions(readDocument(documentWith({ ...licences, url })))).toMatchObject([
      { code: 'credentials_in_url', field: '/gates/external/0/url' },
    ]);
    const written = { ...documentWith(), gates: { external: [{ ...licences, secret_ref: newId('secret') }] } };
    expect(readDocument(written).faults).toMatchObject([
      { code: 'unknown_field', field: '/gates/external/0/secret_ref' },
    ]);
  });
});
