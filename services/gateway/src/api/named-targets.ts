import type { TargetRef } from '@m3/contracts';
import { refuse } from '../http/problem-error.js';
import type { TargetReader } from '../read-models/target-reader.js';

/** The targets that a request for publishes names by id or name, each once. @throws ProblemError when one is not known */
export async function namedTargets(reader: TargetReader, idsOrNames: readonly string[]): Promise<TargetRef[]> {
  const targets = await Promise.all(idsOrNames.map((idOrName, index) => named(reader, idOrName, index)));
  return [...new Map(targets.map((target) => [target.target_id, target])).values()];
}

async function named(reader: TargetReader, idOrName: string, index: number): Promise<TargetRef> {
  const target = await reader.ref(idOrName);
  if (target !== undefined) return target;
  throw refuse('unknown_target', `There is no target "${idOrName}". Nothing was published.`, {
    field: `/targets/${index}`,
  });
}
