import { createHash } from 'node:crypto';
import {
  canonicalDigest,
  newId,
  type AppliedTarget,
  type EventData,
  type FieldChange,
  type TargetDocument,
} from '@m3/contracts';
import type { Refusal } from '@m3/decider';
import type { AppendContext, EventStore } from '@m3/event-store';
import type { SecretStore } from '@m3/secrets';
import { describeDatabase, TargetUnreachableError } from '@m3/target-environment';
import { fieldChanges, targetFault, withoutSecret } from '../domain/target-document.js';
import type { Target } from '@m3/policies';
import { targetStream, type ChangeTargets } from './change-targets.js';
import type { TargetRegistry } from './target-registry.js';

export interface ApplyParts {
  readonly store: EventStore;
  readonly secrets: SecretStore;
  readonly registry: TargetRegistry;
  readonly targets: ChangeTargets;
}

export type Applied =
  | { readonly outcome: 'accepted'; readonly targets: readonly AppliedTarget[] }
  | { readonly outcome: 'rejected'; readonly rejection: Refusal };

/** A name belongs to one target for ever: the first event of this stream says to which. */
const nameStream = (name: string): string =>
  `target-name.${createHash('sha256').update(name).digest('hex').slice(0, 40)}`;

/** Brings targets to what their documents say. Again with the same documents it changes nothing. */
export class ApplyTargets {
  constructor(private readonly parts: ApplyParts) {}

  /** All documents are checked before any is applied; each target is then changed on its own. */
  async apply(documents: readonly TargetDocument[], dryRun: boolean, context: AppendContext): Promise<Applied> {
    const rejection = firstFault(documents);
    if (rejection) return { outcome: 'rejected', rejection };
    const targets: AppliedTarget[] = [];
    for (const document of documents) targets.push(await this.applyOne(document, dryRun, context));
    return { outcome: 'accepted', targets };
  }

  private async applyOne(document: TargetDocument, dryRun: boolean, context: AppendContext): Promise<AppliedTarget> {
    const existing = await this.byName(document.name);
    const sameSecret = existing !== null && (await this.holdsSecret(existing, document.database_url));
    const applied = comparison(existing, document, sameSecret);
    if (dryRun || applied.outcome === 'unchanged') return applied;
    const { target_id } = applied;
    const secret_ref = sameSecret
      ? existing.address.secret_ref
      : await this.parts.secrets.put(target_id, document.database_url);
    const settled = settledFrom(document, target_id, secret_ref);
    if (applied.outcome === 'changed') await this.parts.targets.handle(target_id, { type: 'settle', settled }, context);
    else if (!(await this.create(settled, context))) return this.applyOne(document, dryRun, context);
    return applied;
  }

  /** False when another target has taken the name meanwhile: then the document is for that one. */
  private async create(settled: EventData<'TargetCreated'>, context: AppendContext): Promise<boolean> {
    const { target_id, document } = settled;
    const result = await this.parts.store.append(
      [
        {
          stream: nameStream(document.name),
          expectedVersion: 0,
          events: [{ type: 'TargetNamed', data: { target_id, name: document.name } }],
        },
        { stream: targetStream(target_id), expectedVersion: 0, events: [{ type: 'TargetCreated', data: settled }] },
      ],
      context,
    );
    if (result.outcome === 'appended') this.parts.registry.take(result.events);
    return result.outcome === 'appended';
  }

  private async byName(name: string): Promise<Target | null> {
    const [named] = await this.parts.store.readStream(nameStream(name));
    if (!named || !('target_id' in named.data) || typeof named.data.target_id !== 'string') return null;
    const { target_id } = named.data;
    const history = await this.parts.store.readStream(targetStream(target_id));
    this.parts.registry.take(history);
    return this.parts.registry.get(target_id);
  }

  private async holdsSecret({ target_id, address }: Target, value: string): Promise<boolean> {
    return (await this.parts.secrets.get(address.secret_ref, target_id)) === value;
  }
}

function firstFault(documents: readonly TargetDocument[]): Refusal | null {
  const names = new Set<string>();
  for (const [index, document] of documents.entries()) {
    const at = (refusal: Refusal): Refusal =>
      documents.length === 1 ? refusal : { ...refusal, field: `targets.${index}.${refusal.field ?? ''}` };
    if (names.has(document.name))
      return at({ code: 'invalid_target', field: 'name', detail: `two documents have the name ${document.name}` });
    names.add(document.name);
    const fault = targetFault(document) ?? databaseFault(document);
    if (fault) return at(fault);
  }
  return null;
}

function databaseFault({ database_url }: TargetDocument): Refusal | null {
  try {
    describeDatabase(database_url);
    return null;
  } catch (error) {
    if (!(error instanceof TargetUnreachableError)) throw error;
    return { code: 'invalid_target', field: 'database_url', detail: error.message };
  }
}

function settledFrom(document: TargetDocument, target_id: string, secret_ref: string): EventData<'TargetCreated'> {
  const { host, port, name } = describeDatabase(document.database_url);
  const stored = withoutSecret(document);
  const address = {
    gateway_url: document.gateway_url,
    schema: document.schema,
    database: { host, port, name },
    secret_ref,
  };
  return { target_id, document: stored, address, config_digest: canonicalDigest({ document: stored, address }) };
}

function comparison(existing: Target | null, document: TargetDocument, sameSecret: boolean): AppliedTarget {
  const { name } = document;
  const changes = changesOf(existing, document, sameSecret);
  if (existing === null) return { target_id: newId('target'), name, outcome: 'created', changes };
  return { target_id: existing.target_id, name, outcome: changes.length > 0 ? 'changed' : 'unchanged', changes };
}

function changesOf(existing: Target | null, document: TargetDocument, sameSecret: boolean): readonly FieldChange[] {
  const changes = fieldChanges(existing?.document ?? {}, withoutSecret(document));
  if (sameSecret) return changes;
  const { host, port, name } = describeDatabase(document.database_url);
  const { database } = existing?.address ?? {};
  const before = database ? `${database.host}:${database.port}/${database.name}` : null;
  return [...changes, { field: 'database_url', before, after: `${host}:${port}/${name} (password not shown)` }];
}
