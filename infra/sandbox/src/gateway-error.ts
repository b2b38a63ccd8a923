/** A refusal that the caller is told: HTTP status, stable code, and a sentence that says what is wrong. */
export class GatewayError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'GatewayError';
  }
}
