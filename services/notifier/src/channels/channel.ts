import type { ChannelRule, ChannelView } from '@m3/contracts';
import type { GuardedHttp } from '@m3/target-environment';
import { SettingError } from '@m3/service-kit';
import type { Static, TObject } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import type { Try } from '../domain/delivery.js';
import type { NotificationPayload } from '../domain/payload.js';
import { concerns } from '../domain/rules.js';

/** A notification on its way to one channel. */
export interface Message {
  /** Stable over all attempts: receivers tell repeats by it. */
  readonly id: string;
  readonly payload: NotificationPayload;
  readonly now: Date;
}

export interface ChannelParts {
  readonly http: GuardedHttp;
}

/** How a kind of channel delivers, once its settings are known. */
export interface Sender {
  /** Sends it once. What went wrong is an answer; its reason holds no secret. */
  send(message: Message): Promise<Try>;
  /** Whether there is anything to say about it here. Absent: always. */
  takes?(payload: NotificationPayload): boolean;
}

/** A channel as the notifier uses it. Made by {@link defineChannelKind}. */
export interface Channel extends ChannelView {
  /** Whether it is told of this, by its rules and by its kind. */
  wants(payload: NotificationPayload): boolean;
  send(message: Message): Promise<Try>;
}

/** What every channel has beside the settings of its kind. */
export interface ChannelEntry {
  readonly name: string;
  readonly rules: readonly ChannelRule[];
  /** The settings of its kind, unchecked. */
  readonly settings: object;
}

export interface ChannelKind {
  readonly kind: string;
  /** @throws SettingError, which names the field and never its value */
  open(entry: ChannelEntry, parts: ChannelParts): Channel;
}

interface KindDefinition<Settings extends TObject> {
  readonly kind: string;
  readonly settings: Settings;
  readonly open: (settings: Static<Settings>, parts: ChannelParts) => Sender;
}

/** Declares a kind of channel: what its settings are, and how it delivers. */
export function defineChannelKind<Settings extends TObject>(definition: KindDefinition<Settings>): ChannelKind {
  const { kind, settings: schema, open } = definition;
  return {
    kind,
    open: ({ name, rules, settings }, parts) => {
      if (!Value.Check(schema, settings))
        throw new SettingError(`the channel "${name}" has wrong settings: ${firstFault(schema, settings)}`);
      const sender = open(settings, parts);
      return {
        ...{ name, kind, rules: [...rules] },
        wants: (payload) => concerns(rules, payload) && (sender.takes?.(payload) ?? true),
        send: (message) => sender.send(message),
      };
    },
  };
}

/** The first thing that is wrong: its place and what is expected there, never what stands there. */
export function firstFault(schema: TObject, value: unknown): string {
  const fault = Value.Errors(schema, value).First();
  return fault === undefined ? 'not as declared' : `${fault.path.slice(1).replaceAll('/', '.')}: ${fault.message}`;
}
