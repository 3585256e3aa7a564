/** What the account services stand on. Clock and randomness come in from the composition root. */
import type { LockoutRules, SessionRules } from '#src/config.ts';
import type { Limits } from '#src/limits/limits.ts';
import type { Store } from '#src/store/store.ts';
import type { Passwords } from './password.ts';

export type AccountParts = {
  readonly store: Store;
  readonly clock: () => Date;
  readonly random: (bytes: number) => Uint8Array;
  readonly passwords: Passwords;
  readonly sessions: SessionRules;
  readonly lockout: LockoutRules;
  readonly limits: Limits;
};
