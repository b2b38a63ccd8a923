import { nameFaults } from './document-names.js';

const existing = new Map([
  ['Dev', null],
  ['Staging', 'Dev'],
]);
const document = (name: string, from?: string) => (from === undefined ? { name } : { name, promotion: { from } });
const codes = (...documents: Parameters<typeof nameFaults>[0]) =>
  nameFaults(documents, existing).map((faults) => faults.map(({ code, field }) => `${code} ${field}`));

describe('names in several documents', () => {
  it('are different', () => {
    expect(codes(document('EU'), document('US'), document('EU'))).toEqual([[], [], ['duplicate_name /name']]);
  });

  it('of promotions are targets that are there, or come along', () => {
    expect(codes(document('Prod', 'Staging'), document('EU', 'Prod'))).toEqual([[], []]);
    expect(codes(document('Prod', 'Stagging'))).toEqual([['promotion_target_unknown /promotion/from']]);
  });

  it('of promotions lead to an end', () => {
    expect(codes(document('Dev', 'Staging'))).toEqual([['promotion_from_itself /promotion/from']]);
  });
});
