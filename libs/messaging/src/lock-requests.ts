/** The one connection that the locks are of. */
export interface LockSession {
  query(statement: {
    name: string;
    text: string;
    values: unknown[];
  }): Promise<{ readonly rows: readonly { got: boolean[] }[] }>;
}

interface Asked {
  /** Null: nothing but a sign of life. */
  readonly key: string | null;
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

  constructor(private readonly session: LockSession) {}

  /** Whether the session got the lock. Rejects when the session is broken. */
  take(key: string): Promise<boolean> {
    return new Promise((answer, fail) => {
      this.asked.push({ key, answer, fail });
      if (this.asked.length === 1) setImmediate(() => void this.send());
    });
  }

  /** A sign of life, in its turn: requests that are under way are signs of life themselves. Rejects when the session is broken. */
  sayAlive(): Promise<void> {
    return new Promise((resolve, fail) => {
      this.asked.push({ key: null, answer: () => resolve(), fail });
      void this.send();
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
      const wanted = asked.flatMap(({ key, answer }) => (key === null ? [] : [{ key, answer }]));
      const values = [wanted.map(({ key }) => key), givenBack];
      const { rows } = await this.session.query({ ...STATEMENT, values });
      const [row] = rows;
      wanted.forEach(({ answer }, index) => answer(row?.got[index] === true));
      for (const { key, answer } of asked) if (key === null) answer(true);
    } catch (error) {
      for (const { fail } of asked) fail(error);
    }
    this.busy = false;
    void this.send();
  }
}
