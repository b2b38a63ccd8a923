import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { StartSettingError } from './start-options.js';

/** Makes sure that the server answers and has JetStream. @throws StartSettingError in plain words */
export async function ensureJetStream(url: string): Promise<void> {
  const connection = await connect({ servers: url, name: 'm3-local', timeout: 5_000, reconnect: false }).catch(
    (error: unknown) => {
      throw new StartSettingError(`NATS cannot be reached (${reasonOf(error)}). Look at NATS_URL.`);
    },
  );
  try {
    await (await jetstreamManager(connection)).getAccountInfo();
  } catch (error) {
    throw new StartSettingError(
      `The server at NATS_URL runs without JetStream (${reasonOf(error)}). Start it with -js.`,
    );
  } finally {
    await connection.close();
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : 'no reason given';
}
