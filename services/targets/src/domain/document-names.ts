import type { DocumentFault, PartialTargetDocument } from '@m3/contracts';

/** Where versions of each target come from, by name; null: from no other target. */
type Promotions = ReadonlyMap<string, string | null>;

/**
 * What is wrong with the names in several documents, for each of them: one name twice, and promotions from targets that
 * are not there or that lead back to where they began.
 */
export function nameFaults(
  documents: readonly PartialTargetDocument[],
  existing: Promotions,
): readonly (readonly DocumentFault[])[] {
  const promotions = new Map(existing);
  for (const { name, promotion } of documents) if (name !== undefined) promotions.set(name, promotion?.from ?? null);
  const seen = new Set<string>();
  return documents.map(({ name, promotion }) => {
    if (name === undefined) return [];
    const twice = seen.has(name);
    seen.add(name);
    return [...(twice ? [duplicate(name)] : []), ...promotionFaults(name, promotion?.from, promotions)];
  });
}

function duplicate(name: string): DocumentFault {
  return { code: 'duplicate_name', field: '/name', message: `another document has the name ${name} too: keep one` };
}

function promotionFaults(name: string, from: string | undefined, promotions: Promotions): readonly DocumentFault[] {
  // From itself directly is a contradiction of the document alone, and told as one.
  if (from === undefined || from === name) return [];
  const field = '/promotion/from';
  if (!promotions.has(from))
    return [
      { code: 'promotion_target_unknown', field, message: `there is no target ${from}: apply it first, or with it` },
    ];
  return leadsTo(name, from, promotions)
    ? [{ code: 'promotion_from_itself', field, message: `versions of ${from} come from ${name}: break the circle` }]
    : [];
}

function leadsTo(goal: string, start: string, promotions: Promotions): boolean {
  const seen = new Set<string>();
  let at: string | null = start;
  while (at !== null && !seen.has(at)) {
    if (at === goal) return true;
    seen.add(at);
    at = promotions.get(at) ?? null;
  }
  return false;
}
