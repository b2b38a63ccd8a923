import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What the Git repository around a folder says; each part null where there is none. */
export interface GitFacts {
  readonly branch: string | null;
  readonly commit: string | null;
}

/** Reads branch and commit; a folder outside any repository, or a machine without Git, has neither. */
export async function gitFacts(folder: string): Promise<GitFacts> {
  const [branch, commit] = await Promise.all([
    git(folder, ['symbolic-ref', '--quiet', '--short', 'HEAD']),
    git(folder, ['rev-parse', 'HEAD']),
  ]);
  return { branch: branch ?? ciBranch(process.env), commit };
}

/** Pipelines check a commit out without a branch, and name the branch in a variable. */
export function ciBranch(env: Readonly<Record<string, string | undefined>>): string | null {
  const isBranch = env['GITHUB_REF_TYPE'] === 'branch';
  return (isBranch ? env['GITHUB_REF_NAME'] : undefined) ?? env['CI_COMMIT_BRANCH'] ?? env['BRANCH_NAME'] ?? null;
}

async function git(folder: string, args: readonly string[]): Promise<string | null> {
  try {
    const { stdout } = await run('git', ['-C', folder, ...args], { timeout: 10_000 });
    return stdout.trim() === '' ? null : stdout.trim();
  } catch {
    return null;
  }
}
