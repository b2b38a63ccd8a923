/** Every stable code of a problem document or of one of its findings: the HTTP status that it has, and what it means. */
export const problemCodes = {
  // The request itself
  malformed_json: { status: 400, meaning: 'the body is not JSON, or nested too deep' },
  body_required: { status: 400, meaning: 'the request needs a body' },
  invalid_body: { status: 400, meaning: 'the body has not the form that the route declares' },
  blank_reason: { status: 400, meaning: 'a reason or comment has nothing in it to read; field names it' },
  invalid_query: { status: 400, meaning: 'a query parameter is not known or has a wrong value' },
  invalid_path: { status: 400, meaning: 'the address of the request is not well formed' },
  invalid_cursor: { status: 400, meaning: 'the cursor is not one that a page before gave' },
  invalid_idempotency_key: { status: 400, meaning: 'the Idempotency-Key is not 1 to 200 visible ASCII characters' },
  invalid_if_match: { status: 400, meaning: 'If-Match is not one ETag of a target, or came with several documents' },
  invalid_command: { status: 400, meaning: 'a command between services has a wrong shape' },
  position_ahead_of_log: { status: 400, meaning: 'the log does not reach that position yet' },
  body_too_large: { status: 413, meaning: 'the body is larger than the route takes' },
  unsupported_media_type: { status: 415, meaning: 'the body is not JSON in UTF-8' },
  too_many_requests: { status: 429, meaning: 'one caller asked too often; Retry-After says when to go on' },
  // Who asks
  sign_in_required: { status: 401, meaning: 'the request has no token' },
  token_refused: { status: 401, meaning: 'the token is not valid here, or has expired' },
  role_missing: { status: 403, meaning: 'none of the roles of the caller may do this' },
  not_allowed: { status: 403, meaning: 'the target or the rule does not let this caller do it' },
  not_an_approver: { status: 403, meaning: 'the caller is not among those who may approve' },
  callback_forbidden: { status: 403, meaning: 'the token of the callback is of no gate of this run' },
  self_approval_forbidden: { status: 403, meaning: 'who asked for a publish or tagged its version cannot approve it' },
  self_review_forbidden: { status: 403, meaning: 'who asked for an emergency publish cannot close its review' },
  // What it is about
  not_found: { status: 404, meaning: 'there is no such thing' },
  unknown_route: { status: 404, meaning: 'the API has no such address' },
  target_not_found: { status: 404, meaning: 'there is no such target' },
  version_not_found: { status: 404, meaning: 'no such version was tagged' },
  publish_not_found: { status: 404, meaning: 'there is no such publish' },
  approval_not_found: { status: 404, meaning: 'there is no such approval' },
  freeze_not_found: { status: 404, meaning: 'there is no such freeze' },
  gate_not_found: { status: 404, meaning: 'the publish has no gate of that name' },
  gate_run_not_found: { status: 404, meaning: 'there is no such run of gates' },
  review_not_found: { status: 404, meaning: 'there is no such review, or its emergency publish has not ended' },
  dead_letter_not_found: { status: 404, meaning: 'there is no such dead letter' },
  channel_not_found: { status: 404, meaning: 'the settings of the notifier name no such channel' },
  backup_not_found: { status: 404, meaning: 'there is no such backup, or it was never taken' },
  unknown_target: { status: 422, meaning: 'a target in the body does not exist' },
  // How things stand
  ambiguous_name: { status: 409, meaning: 'several things have that name; give the id' },
  backup_deleted: { status: 409, meaning: 'the backup was deleted by the retention of its target' },
  target_differs: { status: 409, meaning: 'the target does not equal the backup that it is said to be restored from' },
  target_unreachable: { status: 409, meaning: 'the target does not answer, so nothing is known about it' },
  target_changed: { status: 412, meaning: 'the target was changed since the revision of If-Match; findings say how' },
  target_disabled: { status: 409, meaning: 'the target is disabled; enable it first' },
  not_scheduled: { status: 409, meaning: 'the target is not of the type scheduled' },
  target_held: { status: 409, meaning: 'the target is held; release it first' },
  version_conflict: { status: 409, meaning: 'the version was tagged with other contents' },
  event_id_reused: { status: 409, meaning: 'the message id was used for another version' },
  justification_required: { status: 409, meaning: 'an emergency publish needs a reason' },
  publish_ended: { status: 409, meaning: 'the publish has ended' },
  already_undoing: { status: 409, meaning: 'the publish is being undone already' },
  too_late_to_cancel: { status: 409, meaning: 'the target was changed without a backup that it could be put back to' },
  rollback_running: { status: 409, meaning: 'a rollback of the target is under way' },
  no_previous_version: { status: 409, meaning: 'nothing was active on the target before' },
  already_active: { status: 409, meaning: 'the version is active on the target already' },
  version_never_active: { status: 409, meaning: 'the version was never active on the target, as far as the log knows' },
  no_backup_of_version: { status: 409, meaning: 'no backup is kept that brings the version back' },
  nothing_to_roll_back: { status: 409, meaning: 'the publish has not changed its target' },
  no_longer_active: { status: 409, meaning: 'another version is active on the target since' },
  plan_changed: { status: 409, meaning: 'another backup would be restored than the plan named' },
  nothing_to_override: { status: 409, meaning: 'neither a window nor a freeze holds the publish up' },
  not_overridable: { status: 409, meaning: 'the publish waits for more than windows and freezes' },
  gates_not_run: { status: 409, meaning: 'the quality gates of the publish have not begun' },
  gates_running: { status: 409, meaning: 'the quality gates have no result yet' },
  gates_ended: { status: 409, meaning: 'the quality gates have ended and wait for no override' },
  gate_passed: { status: 409, meaning: 'the gate has passed; there is nothing to override' },
  override_expired: { status: 409, meaning: 'the time for overrides is over' },
  callback_used: { status: 409, meaning: 'the gate has its result already; a token counts once' },
  callback_expired: { status: 410, meaning: 'the external gate calls back after its deadline' },
  approval_ended: { status: 409, meaning: 'the approval was decided, or is void' },
  already_voted: { status: 409, meaning: 'the caller has voted otherwise; a vote counts once' },
  dead_letter_original_missing: { status: 409, meaning: 'the message of the dead letter is not kept any more' },
  not_voted: { status: 409, meaning: 'the caller has cast no vote that could be withdrawn' },
  review_open: { status: 409, meaning: 'the last emergency publish to the target was not reviewed yet' },
  review_closed: { status: 409, meaning: 'the review was closed already' },
  dead_letter_discarded: { status: 409, meaning: 'the dead letter was discarded' },
  invalid_freeze: {
    status: 422,
    meaning: 'the freeze has an impossible period, or concerns nothing; field says which',
  },
  // Bundles
  invalid_bundle: { status: 422, meaning: 'the bundle is not of the form of one; findings say where' },
  bundle_too_large: { status: 413, meaning: 'the bundle is larger than is taken' },
  bundle_unreadable: { status: 422, meaning: 'the bundle cannot be read where its uri says' },
  bundle_digest_mismatch: { status: 422, meaning: 'the bundle has not the digest that was given' },
  bundle_missing: { status: 409, meaning: 'the bundle that the log names is not there, or was altered' },
  invalid_requirement: { status: 422, meaning: 'requires.marie is not a version range' },
  // Target documents: the problem has the code of its first finding
  unknown_field: { status: 422, meaning: 'the document has a field that is not known' },
  missing_field: { status: 422, meaning: 'a required field is missing' },
  invalid_value: { status: 422, meaning: 'a field has a value of a wrong type or out of bounds' },
  duplicate_name: { status: 422, meaning: 'two documents of one request have the same name' },
  name_mismatch: { status: 422, meaning: 'the document names another target than the address' },
  invalid_schema_name: { status: 422, meaning: 'the schema is not a name that the product uses' },
  invalid_database_url: { status: 422, meaning: 'database_url cannot be used' },
  credentials_in_url: { status: 422, meaning: 'gateway_url holds a user, a password or a query' },
  block_of_other_type: { status: 422, meaning: 'a block belongs to another type of target' },
  quorum_unreachable: { status: 422, meaning: 'more approvals are asked for than people may give' },
  invalid_version_pattern: { status: 422, meaning: 'triggers.version_pattern is malformed' },
  duplicate_gate: { status: 422, meaning: 'two external gates of a target have the same name' },
  unknown_role: { status: 422, meaning: 'a role is not one of the product' },
  schedule_missing: { status: 422, meaning: 'a scheduled target has no schedule' },
  schedule_version_missing: { status: 422, meaning: 'the schedule names neither the latest nor a pinned version' },
  schedule_ambiguous: { status: 422, meaning: 'the schedule names both the latest and a pinned version' },
  invalid_version: { status: 422, meaning: 'the pinned version is not a semantic version' },
  invalid_cron: { status: 422, meaning: 'a cron is not five fields that make sense' },
  cron_never_fires: { status: 422, meaning: 'a cron names a date that does not exist' },
  unknown_time_zone: { status: 422, meaning: 'a time zone is not an IANA name' },
  strategy_block_without_strategy: { status: 422, meaning: 'a strategy block belongs to another strategy' },
  traffic_split_not_100: { status: 422, meaning: 'the traffic split does not add up to 100' },
  canary_steps_not_rising: { status: 422, meaning: 'canary weights do not rise up to 100' },
  promotion_from_itself: { status: 422, meaning: 'a target promotes from itself, directly or through others' },
  promotion_target_unknown: { status: 422, meaning: 'promotion.from names no target' },
  strategy_not_available: { status: 422, meaning: 'the deployment strategy is not built yet' },
  strategy_unsupported: { status: 422, meaning: 'the gateway cannot route by version' },
  strategy_unchecked: { status: 422, meaning: 'the gateway could not be asked whether it can route by version' },
  // Ourselves
  internal_error: { status: 500, meaning: 'a fault of the product; the instance leads to it in the log' },
  owner_unavailable: { status: 503, meaning: 'the service that decides cannot be reached; nothing was done' },
  not_known_yet: { status: 503, meaning: 'it may have been asked for a moment ago, and is not known yet; ask again' },
  bus_unavailable: { status: 503, meaning: 'the bus did not take the message; nothing was done' },
  storage_unavailable: { status: 503, meaning: 'the database does not answer at the moment' },
  too_many_streams: { status: 503, meaning: 'too many live streams are open' },
  outcome_unknown: { status: 504, meaning: 'no answer in time; repeat with the same Idempotency-Key' },
} as const satisfies Readonly<Record<string, { readonly status: number; readonly meaning: string }>>;
export type ProblemCode = keyof typeof problemCodes;

export function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(problemCodes, code);
}

/** Names, in a schema of text, the problem of a value that is not of its pattern, or empty. */
export const problemKeyword = 'x-problem';

/** The problem that a schema names for what is wrong with a value; undefined: it names none. */
export function namedProblem(fault: {
  readonly keyword: string;
  readonly parentSchema?: object;
}): ProblemCode | undefined {
  const code: unknown = fault.parentSchema && Reflect.get(fault.parentSchema, problemKeyword);
  const aboutText = fault.keyword === 'pattern' || fault.keyword === 'minLength';
  return aboutText && typeof code === 'string' && isProblemCode(code) ? code : undefined;
}
