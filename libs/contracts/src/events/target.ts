import { Type } from '@sinclair/typebox';
import { sha256 } from '../canonical.js';
import { defineEvent, type EventsOf } from '../define-event.js';
import { StoredTargetDocument } from '../target-document.js';
import { closed, Id, Reason, Sha256, TargetAddress } from '../shapes.js';
import { address, digest, ids } from './examples.js';

const document = {
  name: 'Production US East',
  environment: 'production',
  type: 'auto_deploy' as const,
  enabled: true,
  gateway_id: 'gateway-us-east-1-prod',
  gateway_url: address.gateway_url,
  schema: 'production',
};
const settled = Type.Object(
  { target_id: Id('target'), document: StoredTargetDocument, address: TargetAddress, config_digest: Sha256 },
  closed,
);
const example = { target_id: ids.target, document, address, config_digest: digest };

/** A name belongs to one target for ever: the first event of this stream says to which. */
export const targetNameStream = (name: string): string =>
  `target-name.${sha256(name).slice('sha256:'.length).slice(0, 40)}`;

/** Stream `target-<target id>`, owned by targets. */
export const targetEvents = [
  defineEvent({
    /** Alone in a stream of its own, named by the target's name: two targets never share one. */
    type: 'TargetNamed',
    category: 'target',
    schema: Type.Object({ target_id: Id('target'), name: Type.String() }, closed),
    example: { target_id: ids.target, name: 'Production US East' },
  }),
  defineEvent({ type: 'TargetCreated', category: 'target', schema: settled, example }),
  defineEvent({ type: 'TargetChanged', category: 'target', schema: settled, example }),
  defineEvent({
    type: 'TargetEnabled',
    category: 'target',
    schema: Type.Object({ target_id: Id('target') }, closed),
    example: { target_id: ids.target },
  }),
  defineEvent({
    type: 'TargetDisabled',
    category: 'target',
    schema: Type.Object({ target_id: Id('target') }, closed),
    example: { target_id: ids.target },
  }),
  defineEvent({
    type: 'TargetHeld',
    category: 'target',
    schema: Type.Object({ target_id: Id('target'), reason: Reason }, closed),
    example: { target_id: ids.target, reason: 'rollback of v1.3.0 failed' },
  }),
  defineEvent({
    type: 'TargetReleased',
    category: 'target',
    schema: Type.Object({ target_id: Id('target'), reason: Reason }, closed),
    example: { target_id: ids.target, reason: 'restored by hand' },
  }),
] as const;
export type TargetEvent = EventsOf<typeof targetEvents>;
