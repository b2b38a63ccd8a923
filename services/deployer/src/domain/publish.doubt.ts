import { hasStatus, type Cancellation, type Doubtful, type InStatus, type PublishState } from './publish.state.js';

/** What a publish keeps while the target is asked what is true: the step that is in doubt, and who wants it undone. */

/** The version that is published serves, as far as the log knows. */
export const serving = ['active', 'verifying', 'verified', 'notifying'] as const;

/** Where a wish to cancel is noted: the step under way ends first, or what serves is taken back at once. */
export const cancellable = [
  'deploying',
  'deployed',
  'shifting',
  'watching',
  'activating',
  'asking',
  ...serving,
] as const;

/** Whether the version that is published got executions, or may have, as far as the log knows. */
export function hasServed(state: PublishState): boolean {
  if (state.status === 'asking') return 'served' in state.about && state.about.served;
  return hasStatus(state, serving) || ('served' in state && state.served);
}

/** Who wants the publish undone; null: nobody does. */
export function cancellationIn(state: PublishState): Cancellation | null {
  if (state.status === 'asking') return state.about.cancel;
  return 'cancel' in state ? state.cancel : null;
}

/** The state with the wish noted. */
export function cancelling(
  state: InStatus<(typeof cancellable)[number]>,
  { by, reason }: Cancellation,
): InStatus<(typeof cancellable)[number]> {
  const cancel = { by, reason };
  return state.status === 'asking' ? { ...state, about: { ...state.about, cancel } } : { ...state, cancel };
}

/** What a step that goes on, or that is known to have happened, writes under. */
export function fencedOf<Known extends InStatus<'deployed' | 'watching' | 'activating'>>(
  state: Known | InStatus<'asking'>,
): Known | InStatus<'activating'> {
  if (state.status !== 'asking') return state;
  return about(state, 'activating');
}

/** Why the target was put back. */
export function undoingOf(state: InStatus<'restoring' | 'asking'>): InStatus<'restoring'> {
  return state.status === 'asking' ? about(state, 'restoring') : state;
}

function about<Status extends Doubtful['status']>(
  state: InStatus<'asking'>,
  status: Status,
): Extract<Doubtful, { status: Status }> {
  const { about: doubtful } = state;
  if (!isIn(doubtful, status)) throw new Error(`${doubtful.status} is in doubt, not ${status}`);
  return doubtful;
}

function isIn<Status extends Doubtful['status']>(
  doubtful: Doubtful,
  status: Status,
): doubtful is Extract<Doubtful, { status: Status }> {
  return doubtful.status === status;
}
