import {
  targetChanges,
  targetNameStream,
  type AppliedTarget,
  type DocumentFault,
  type EventData,
  type TargetDocument,
} from '@m3/contracts';
import { reject, type Refusal } from '@m3/decider';
import type { AppendContext, EventStore } from '@m3/event-store';
import type { SecretStores } from '@m3/secrets';
import type { Target } from '@m3/policies';
import { describeDatabase } from '@m3/target-environment';
import pLimit from 'p-limit';
import { comparison, settledFrom } from '../domain/target-comparison.js';
import type { Secrets } from '../domain/target-secrets.js';
import { target as decider, type TargetCommand } from '../domain/target.js';
import { targetStream, type ChangeTargets } from './change-targets.js';
import type { CheckDocuments } from './check-documents.js';
import type { TargetRegistry } from './target-registry.js';
import { foreseenReferences, TargetSecrets } from './target-secrets.js';

export interface ApplyParts {
  readonly store: EventStore;
  readonly secrets: SecretStores;
  readonly registry: TargetRegistry;
  readonly targets: ChangeTargets;
  readonly documents: CheckDocuments;
}

export interface ApplyRequest {
  /** As the operator wrote them. */
  readonly documents: readonly object[];
  readonly dryRun: boolean;
  /** With one document only: the revision that the operator looked at. */
  readonly expectedRevision?: number | undefined;
}

type Rejected = {
  readonly outcome: 'rejected';
  readonly rejection: Refusal;
  readonly findings?: readonly unknown[];
};
export type Applied = { readonly outcome: 'accepted'; readonly targets: readonly AppliedTarget[] } | Rejected;
type AppliedOne = { readonly outcome: 'accepted'; readonly target: AppliedTarget } | Rejected;

/** Documents of one request are of different targets; an operator waits for all of them. */
const appliedAtOnce = 16;

type Settle = Extract<TargetCommand, { type: 'settle' }>;

interface Change {
  readonly compared: AppliedTarget;
  readonly command: Settle;
}

/** Brings targets to what their documents say. Again with the same documents it changes nothing. */
export class ApplyTargets {
  private readonly secrets: TargetSecrets;

  constructor(private readonly parts: ApplyParts) {
    this.secrets = new TargetSecrets(parts.secrets);
  }

  /** All documents are checked before any is applied; each target is then changed on its own. */
  async apply(request: ApplyRequest, context: AppendContext): Promise<Applied> {
    if (request.expectedRevision !== undefined && request.documents.length > 1)
      return reject('invalid_if_match', 'a revision belongs to one document: apply that one alone');
    const checked = await this.parts.documents.check(request.documents);
    if (!checked.ok) return refused(checked.faults);
    const limit = pLimit(appliedAtOnce);
    const applied = await Promise.all(
      checked.documents.map((document) => limit(() => this.applyOne(document, request, context))),
    );
    const rejected = applied.find((each) => each.outcome === 'rejected');
    if (rejected) return rejected;
    return { outcome: 'accepted', targets: applied.flatMap((each) => ('target' in each ? [each.target] : [])) };
  }

  private async applyOne(document: TargetDocument, request: ApplyRequest, context: AppendContext): Promise<AppliedOne> {
    const existing = await this.parts.registry.byName(document.name);
    const known = await this.secrets.known(existing, document);
    const wanted = { document, database: describeDatabase(document.database_url), known };
    const compared = comparison(existing, wanted);
    if (compared.outcome === 'unchanged') return { outcome: 'accepted', target: compared };
    const { target_id } = compared;
    const { expectedRevision } = request;
    const settle = (references: Secrets): Settle => ({
      type: 'settle',
      settled: settledFrom(wanted, target_id, references),
      expectedRevision,
    });
    // Decided on what is there before a secret is stored; and again, by its version, when it is appended.
    const foreseen = decider.decide(settle(foreseenReferences(document, known)), existing);
    if (foreseen.outcome === 'rejected') return this.rejected(foreseen.rejection, existing, expectedRevision);
    if (request.dryRun) return { outcome: 'accepted', target: compared };
    const command = settle(await this.secrets.seal(target_id, document, known));
    if (existing) return this.change(existing, { compared, command }, context);
    const created = await this.create(command.settled, context);
    if (!created) return this.applyOne(document, request, context);
    return { outcome: 'accepted', target: { ...compared, revision: 1 } };
  }

  private async change(existing: Target, { compared, command }: Change, context: AppendContext): Promise<AppliedOne> {
    const decided = await this.parts.targets.handle(existing.target_id, command, context);
    if (decided.outcome === 'rejected') return this.rejected(decided.rejection, existing, command.expectedRevision);
    return { outcome: 'accepted', target: { ...compared, revision: decided.state?.revision ?? null } };
  }

  /** A refusal because of other changes says which ones, by whom and when. */
  private async rejected(rejection: Refusal, existing: Target | null, expected = 0): Promise<Rejected> {
    if (existing === null) return { outcome: 'rejected', rejection };
    const history = await this.parts.store.readStream(targetStream(existing.target_id));
    const findings = targetChanges(history).filter(({ revision }) => revision > expected);
    return { outcome: 'rejected', rejection, findings };
  }

  /** False when another target has taken the name meanwhile: then the document is for that one. */
  private async create(settled: EventData<'TargetCreated'>, context: AppendContext): Promise<boolean> {
    const { target_id, document } = settled;
    const result = await this.parts.store.append(
      [
        {
          stream: targetNameStream(document.name),
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
}

/** The problem is that of the first fault; all of them are its findings. */
function refused(faults: readonly DocumentFault[]): Rejected {
  const [{ code, message, field } = { code: 'invalid_value', message: 'the documents cannot be used', field: '' }] =
    faults;
  return { ...reject(code, message, field), findings: faults };
}
