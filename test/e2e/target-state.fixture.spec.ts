import pg from 'pg';
import { artifactNames } from './releases.fixture.spec.js';

/** What a target's database holds, seen in one statement. */
export interface TargetState {
  readonly active: string | null;
  readonly releases: readonly string[];
  /** `kind name version` of each artifact, sorted. */
  readonly artifacts: readonly string[];
}

/** Everything that a target with these versions holds. */
export function artifactsOf(...versions: readonly string[]): readonly string[] {
  const all = versions.flatMap((version) =>
    Object.entries(artifactNames).flatMap(([kind, names]) => names.map((name) => `${kind} ${name} ${version}`)),
  );
  return all.sort();
}

/** It is refused for good, or takes its time. */
export type Happening = keyof typeof happenings;

const happenings = {
  refusal: `raise exception 'nobody may do this today' using errcode = 'insufficient_privilege'`,
  delay: 'perform pg_sleep(0.5)',
};

/** Looks at the schemas of one target database from outside. */
export class TargetDatabases {
  private readonly pool: pg.Pool;

  constructor(url: string) {
    this.pool = new pg.Pool({ connectionString: url, max: 4, application_name: 'e2e' });
    this.pool.on('error', () => undefined);
  }

  close(): Promise<void> {
    return this.pool.end();
  }

  async state(schema: string): Promise<TargetState> {
    const name = pg.escapeIdentifier(schema);
    const { rows } = await this.pool.query<TargetState>(`
      select (select version from ${name}.active_release) as active,
             array(select version from ${name}.release order by version) as releases,
             array(
               select 'workflow ' || name || ' ' || version from ${name}.workflow_definition
               union all select 'agent ' || name || ' ' || version from ${name}.agent_definition
               union all select 'processor ' || name || ' ' || version from ${name}.processor_definition
             ) as artifacts`);
    const [row] = rows;
    if (!row) throw new Error('the database answered nothing');
    return { ...row, artifacts: [...row.artifacts].sort() };
  }

  /** From now on something happens in the database whenever a version becomes the active one, until it is mended. */
  async whenActivated(schema: string, version: string, happens: Happening): Promise<() => Promise<void>> {
    const name = pg.escapeIdentifier(schema);
    await this.pool.query(`
      create function ${name}.happening() returns trigger language plpgsql as $$ begin
        if new.version = ${pg.escapeLiteral(version)} then ${happenings[happens]}; end if;
        return new;
      end $$;
      create trigger happening before insert on ${name}.active_release for each row execute function ${name}.happening()`);
    return async () => {
      await this.pool.query(`drop function ${name}.happening() cascade`);
    };
  }
}

/**
 * Reads targets again and again, as a gateway does that may look at any moment, and notes each state in which the active
 * version lacks an artifact.
 */
export class HalfVersionWatch {
  readonly halves: string[] = [];
  looks = 0;
  private going = true;
  private readonly done: Promise<void>;

  constructor(
    private readonly targets: TargetDatabases,
    private readonly schemas: readonly string[],
  ) {
    this.done = this.watch();
  }

  async stop(): Promise<void> {
    this.going = false;
    await this.done;
  }

  private async watch(): Promise<void> {
    while (this.going) {
      for (const schema of this.schemas) await this.look(schema);
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
  }

  private async look(schema: string): Promise<void> {
    // While the database is down nobody reads half a version.
    const state = await this.targets.state(schema).catch(() => null);
    if (state === null) return;
    this.looks += 1;
    const { active, artifacts } = state;
    const missing = active === null ? [] : artifactsOf(active).filter((artifact) => !artifacts.includes(artifact));
    if (missing.length > 0) this.halves.push(`${schema} serves ${active ?? ''} without ${missing.join(', ')}`);
  }
}

/**
 * A login of its own for a target's database, with a password that a test knows how to look for. Answers the database URL.
 */
export async function loginWith(
  password: string,
  { adminUrl, databaseUrl }: { readonly adminUrl: string; readonly databaseUrl: string },
): Promise<string> {
  const url = new URL(databaseUrl);
  url.username = 'canary_login';
  url.password = password;
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    await admin.query(`create role canary_login superuser login password ${pg.escapeLiteral(password)}`);
  } finally {
    await admin.end();
  }
  return url.href;
}
