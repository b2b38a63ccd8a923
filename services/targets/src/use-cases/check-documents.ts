import type { DocumentFault, PartialTargetDocument, TargetDocument } from '@m3/contracts';
import { describeDatabase, TargetUnreachableError } from '@m3/target-environment';
import pLimit from 'p-limit';
import { contradictions } from '../domain/document-rules.js';
import { readDocument, type ReadDocument } from '../domain/document-shape.js';
import { nameFaults } from '../domain/document-names.js';

/** Asks gateways what they can do. */
export interface Gateways {
  /** @throws TargetUnreachableError when it does not answer in a few seconds */
  canRouteByVersion(gatewayUrl: string): Promise<boolean>;
}

export type CheckedDocuments =
  | { readonly ok: true; readonly documents: readonly TargetDocument[] }
  | { readonly ok: false; readonly faults: readonly DocumentFault[] };

/** More than anybody reads, however many documents one request has. */
const maxFaults = 200;
const gatewaysAtOnce = 16;

/** Looks through documents and says all that is wrong with them; fields are pointers into the list of documents. */
export class CheckDocuments {
  constructor(
    private readonly gateways: Gateways,
    /** Where every target's versions come from, by name of the target; null: from no other target. */
    private readonly promotions: (names: readonly string[]) => Promise<ReadonlyMap<string, string | null>>,
  ) {}

  async check(values: readonly object[]): Promise<CheckedDocuments> {
    const read = values.map(readDocument);
    const limit = pLimit(gatewaysAtOnce);
    const own = await Promise.all(read.map((each) => limit(() => this.faultsOf(each))));
    const sound = read.map((each) => each.sound);
    const sources = new Set(sound.flatMap(({ promotion }) => promotion?.from ?? []));
    const among = nameFaults(sound, await this.promotions([...sources]));
    const faults = own.flatMap((each, index) => [...each, ...(among[index] ?? [])].map((found) => at(index, found)));
    const documents = read.flatMap(({ document }) => document ?? []);
    return faults.length === 0 && documents.length === values.length
      ? { ok: true, documents }
      : { ok: false, faults: faults.slice(0, maxFaults) };
  }

  private async faultsOf(read: ReadDocument): Promise<readonly DocumentFault[]> {
    const found = [...read.faults, ...contradictions(read), ...databaseFaults(read.sound)];
    return [...found, ...(await this.strategyFaults(read.sound))];
  }

  private async strategyFaults(document: PartialTargetDocument): Promise<readonly DocumentFault[]> {
    const { deployment_strategy: strategy = 'all_at_once', gateway_url } = document;
    if (strategy === 'all_at_once' || gateway_url === undefined) return [];
    const refusal = await this.routingRefusal(gateway_url, strategy);
    return refusal === null ? [] : [{ field: '/deployment_strategy', ...refusal }];
  }

  private async routingRefusal(gatewayUrl: string, strategy: string): Promise<Omit<DocumentFault, 'field'> | null> {
    try {
      if (await this.gateways.canRouteByVersion(gatewayUrl)) return null;
      const message = `the gateway cannot route by version, which ${strategy} needs; use all_at_once`;
      return { code: 'strategy_unsupported', message };
    } catch (error) {
      if (!(error instanceof TargetUnreachableError)) throw error;
      const message = `whether the gateway can do ${strategy} cannot be checked: ${error.message}`;
      return { code: 'strategy_unchecked', message };
    }
  }
}

function databaseFaults({ database_url }: PartialTargetDocument): readonly DocumentFault[] {
  if (database_url === undefined) return [];
  try {
    describeDatabase(database_url);
    return [];
  } catch (error) {
    if (!(error instanceof TargetUnreachableError)) throw error;
    return [{ code: 'invalid_database_url', field: '/database_url', message: error.message }];
  }
}

function at(index: number, { field, ...fault }: DocumentFault): DocumentFault {
  return { ...fault, field: `/targets/${index}${field}` };
}
