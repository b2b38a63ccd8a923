import type { ClientBase } from 'pg';

/**
 * For handlers whose effect is rows of their own, not events: call it first in the transaction that writes them. False: an
 * earlier delivery has done it, so there is nothing left to do.
 */
export async function firstTime(
  client: Pick<ClientBase, 'query'>,
  consumer: string,
  messageId: string,
): Promise<boolean> {
  const { rowCount } = await client.query(
    'INSERT INTO messaging.processed_message (consumer, message_id) VALUES ($1, $2) ON CONFLICT DO NOTHING',
    [consumer, messageId],
  );
  return rowCount === 1;
}
