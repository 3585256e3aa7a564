/** The account services, put together. */
import { Credentials } from './credentials.ts';
import { Directory } from './directory.ts';
import { Lockout } from './lockout.ts';
import type { AccountParts } from './parts.ts';
import { Sessions } from './sessions.ts';
import { Tokens } from './tokens.ts';

export type Accounts = {
  readonly credentials: Credentials;
  readonly directory: Directory;
  readonly sessions: Sessions;
  readonly tokens: Tokens;
};

export async function openAccounts(parts: AccountParts): Promise<Accounts> {
  const lockout = await Lockout.open(parts.store, parts.clock, parts.lockout);
  return {
    credentials: new Credentials(parts),
    directory: new Directory(parts),
    sessions: new Sessions(parts, lockout),
    tokens: new Tokens(parts),
  };
}
