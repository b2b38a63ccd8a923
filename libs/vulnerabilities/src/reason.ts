/** Why a file could not be read or written, in one line. */
export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
