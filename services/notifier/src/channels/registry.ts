import { ChannelRule } from '@m3/contracts';
import { SettingError } from '@m3/service-kit';
import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { firstFault, type Channel, type ChannelKind, type ChannelParts } from './channel.js';
import { email } from './email.js';
import { pagerduty } from './pagerduty.js';
import { slack } from './slack.js';
import { webhook } from './webhook.js';

/** All kinds of channels. A new one is a file and a line here. */
const kinds: readonly ChannelKind[] = [webhook, slack, email, pagerduty];

const Entry = Type.Object({
  kind: Type.Union(kinds.map(({ kind }) => Type.Literal(kind))),
  name: Type.String({ minLength: 1, maxLength: 100 }),
  rules: Type.Optional(Type.Array(ChannelRule)),
});

/** Opens the channels that the settings name. @throws SettingError, which never holds a value of the settings */
export function openChannels(entries: readonly unknown[], parts: ChannelParts): readonly Channel[] {
  const channels = entries.map((entry, index) => openChannel(entry, index, parts));
  const twice = channels.find(({ name }, index) => channels.some((other, at) => at < index && other.name === name));
  if (twice) throw new SettingError(`two channels have the name "${twice.name}"`);
  return channels;
}

function openChannel(entry: unknown, index: number, parts: ChannelParts): Channel {
  if (!Value.Check(Entry, entry)) {
    throw new SettingError(`channel ${index + 1} has wrong settings: ${firstFault(Entry, entry)}`);
  }
  const { kind, name, rules = [], ...settings } = entry;
  const found = kinds.find((each) => each.kind === kind);
  if (!found) throw new SettingError(`there is no kind of channel "${kind}"`);
  return found.open({ name, rules, settings }, parts);
}
