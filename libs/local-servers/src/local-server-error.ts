export type LocalServerErrorCode =
  'port_in_use' | 'start_failed' | 'binary_missing' | 'data_dir_in_use' | 'data_dir_unreadable';

/** A local server could not be had. The message is one plain text for the person at the terminal and says what to do. */
export class LocalServerError extends Error {
  override readonly name = 'LocalServerError';

  constructor(
    readonly code: LocalServerErrorCode,
    message: string,
  ) {
    super(message);
  }
}
