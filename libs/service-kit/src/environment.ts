/** A setting that is missing or wrong; the message says which, and what would be right. Ends the process at start. */
export class SettingError extends Error {}

/** Reads settings from the environment, once, at start. */
export class Environment {
  constructor(private readonly variables: Readonly<Record<string, string | undefined>>) {}

  /** @throws SettingError when missing and there is no default */
  text(name: string, byDefault?: string): string {
    const value = this.variables[name] || byDefault;
    if (value === undefined) throw new SettingError(`${name} is not set; see the service's README for its settings`);
    return value;
  }

  optional(name: string): string | undefined {
    return this.variables[name] || undefined;
  }

  /** A whole number of at least 0. */
  number(name: string, byDefault: number): number {
    const text = this.variables[name];
    if (!text) return byDefault;
    const value = Number(text);
    if (!Number.isSafeInteger(value) || value < 0)
      throw new SettingError(`${name} must be a whole number, not "${text}"`);
    return value;
  }

  /** Comma-separated. */
  list(name: string): readonly string[] {
    return (this.variables[name] ?? '')
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
  }
}
