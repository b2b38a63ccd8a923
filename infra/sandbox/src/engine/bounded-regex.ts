import { errorCode } from '../error-code.js';
import { createContext, Script, type Context } from 'node:vm';

const LONGEST_PATTERN = 500;
const LONGEST_TEXT = 20_000;
/** Wall-clock time: generous, so that a harmless pattern is not interrupted because the machine is busy. */
const LONGEST_MATCH_MS = 250;

export type RegexVerdict =
  | { readonly kind: 'matched' }
  | { readonly kind: 'not_matched' }
  | { readonly kind: 'refused'; readonly reason: string };

/** Tests `text` against a pattern of a plan's author. */
export type RegexMatcher = (pattern: string, flags: string, text: string) => RegexVerdict;

const script = new Script('new RegExp(pattern, flags).test(text)');
const globals = { pattern: '', flags: '', text: '' };
let context: Context | undefined;

/**
 * Patterns come from plans, and a pattern can be written to run for years. Each match runs under a watchdog that
 * interrupts the regular expression engine, and one run of a plan gets `budgetMs` for all its patterns together.
 */
export function createRegexMatcher(budgetMs = 500): RegexMatcher {
  let remainingMs = budgetMs;
  return (pattern, flags, text) => {
    if (pattern.length > LONGEST_PATTERN) return refused(`the pattern is longer than ${LONGEST_PATTERN} characters`);
    if (text.length > LONGEST_TEXT) return refused(`the text is longer than ${LONGEST_TEXT} characters`);
    if (remainingMs < 1) return refused('the patterns of this run took too long');
    const started = performance.now();
    try {
      const timeout = Math.ceil(Math.min(LONGEST_MATCH_MS, remainingMs));
      return { kind: match({ pattern, flags, text }, timeout) ? 'matched' : 'not_matched' };
    } catch (error) {
      return refused(
        errorCode(error) === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
          ? 'the pattern takes too long'
          : 'the pattern is not a regular expression',
      );
    } finally {
      remainingMs -= performance.now() - started;
    }
  };
}

function match(question: typeof globals, timeout: number): boolean {
  context ??= createContext(globals);
  Object.assign(globals, question);
  return script.runInContext(context, { timeout }) === true;
}

function refused(reason: string): RegexVerdict {
  return { kind: 'refused', reason };
}
