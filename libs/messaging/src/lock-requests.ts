import type pg from 'pg';

interface Asked {
  readonly key: string;
  readonly answer: (got: boolean) => void;
  readonly fail: (error: unknown) => void;
}

const STATEMENT = {
  name: 'session_locks',
  text: `SELECT
    ARRAY (SELECT pg_try_advisory_lock(hashtextextended(k.key, 0))
           FROM unnest($1::text[]) WITH ORDINALITY AS k (key, n) ORDER BY k.n) AS got,
    (SELECT count(pg_advisory_unlock(hashtextextended(k.key, 0))) FROM unnest($2::text[]) AS k (key)) AS given_back`,
};
/** Giving back can wait for the next request to go along with; until then others merely come again later. */
const GIVE_BACK_WITHIN_MS = 20;

/** Takes and gives back advisory locks of one session: whatever comes together, or while an answer is awaited, is one statement. */
export class LockRequests {
  private asked: Asked[] = [];
  private givenBack: string[] = [];
  private busy = false;
  private giveBackTimer: NodeJS.Timeout | undefined;

  constructor(private readonly client: Pick<pg.Client, 'query'>) {}

  /** Whether the session got the lock. Rejects when the session is broken. */
  take(key: string): Promise<boolean> {
    return new Promise((answer, fail) => {
      this.asked.push({ key, answer, fail });
      if (this.asked.length === 1) setImmediate(() => void this.send());
    });
  }

  /** Best effort: a session that breaks gives all of its locks back. */
  giveBack(key: string): void {
    this.givenBack.push(key);
    this.giveBackTimer ??= setTimeout(() => void this.send(), GIVE_BACK_WITHIN_MS);
  }

  private async send(): Promise<void> {
    if (this.busy || (this.asked.length === 0 && this.givenBack.length === 0)) return;
    const { asked, givenBack } = this;
    this.asked = [];
    this.givenBack = [];
    clearTimeout(this.giveBackTimer);
    this.giveBackTimer = undefined;
    this.busy = true;
    try {
      const values = [asked.map(({ key }) => key), givenBack];
      const { rows } = await this.client.query<{ got: boolean[] }>({ ...STATEMENT, values });
      const [row] = rows;
      asked.forEach(({ answer }, index) => answer(row?.got[index] === true));
    } catch (error) {
      for (const { fail } of asked) fail(error);
    }
    this.busy = false;
    void this.send();
  }
}
