/**
 * How a policy names a perturbation table (`statistics.mechanism.table`): one that ships with the program by its name, one that its agency
 * loaded by the digest of its document, `sha256:…`. Whoever writes a policy may use the name that the agency loaded it under: it is replaced
 * by the digest when the policy is proposed, so that what a version in force names can be no other table, whatever is loaded later.
 */
import type { Digest } from './canonical.ts';
import type { Policy } from './policy.ts';

/** Tables that ship in `policies/perturbation/`. */
export const SHIPPED_TABLES: readonly string[] = ['ons-10-5'];

export const tableReference = (digest: Digest): string => `sha256:${digest}`;

/** The digest that a policy names; null where it names no table, or one by name. */
export function ownTableOf({ statistics: { mechanism } }: Policy): Digest | null {
  if (mechanism.kind !== 'cell-key' || mechanism.table === undefined) return null;
  return (/^sha256:([0-9a-f]{64})$/.exec(mechanism.table)?.[1] ?? null) as Digest | null;
}

/** The policy with its table by digest, where `loaded` has the name; any other is left as it is. @param loaded digest by name */
export function withTableByDigest<P extends Policy>(policy: P, loaded: ReadonlyMap<string, Digest>): P {
  const { mechanism } = policy.statistics;
  const digest = mechanism.kind === 'cell-key' && mechanism.table !== undefined ? loaded.get(mechanism.table) : undefined;
  return digest === undefined ? policy : { ...policy, statistics: { ...policy.statistics, mechanism: { ...mechanism, table: tableReference(digest) } } };
}
