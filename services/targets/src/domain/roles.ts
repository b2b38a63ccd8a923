import { Role } from '@m3/contracts';

/** The roles of the product. */
export const knownRoles: readonly string[] = Role.anyOf.map(({ const: role }) => role);

export const isRole = (text: string): boolean => knownRoles.includes(text);
