/** The first administrator: made beside the store by whoever may write the home directory, handed over as a token in a file. */
import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { SCOPES } from '#contract/api/common.ts';
import type { AccountId } from '#contract/id.ts';
import { err, ok, type Result } from '#contract/result.ts';
import { text, type Text } from '#contract/text.ts';
import type { Store } from '#src/store/store.ts';
import { recordAccount, recordOrganisation } from './directory.ts';
import { CONSOLE } from './principal.ts';
import { issueToken } from './tokens.ts';

export type FirstAdministratorFailure = { readonly code: 'init/done-before' | 'init/file-exists' | 'init/file-unwritable'; readonly message: Text };
export type FirstAdministrator = { readonly account: AccountId; readonly login: string; readonly expires: string };

const LOGIN = 'admin';
const TOKEN_DAYS = 366;

/** There is an account already. */
export const isInitialised = (store: Store): boolean => store.read.get('SELECT 1 FROM accounts LIMIT 1') !== undefined;

/**
 * The token file has mode 0600 and is never overwritten. It is on disk before the account exists, so that no crash can
 * leave an account whose token nobody has. Fails `init/done-before`, `init/file-exists`, `init/file-unwritable`.
 */
export async function createFirstAdministrator(store: Store, tokenFile: string): Promise<Result<FirstAdministrator, FirstAdministratorFailure>> {
  let wrote = false;
  const made = await store.transact<FirstAdministrator, FirstAdministratorFailure>(CONSOLE, (tx) => {
    if (tx.db.get('SELECT 1 FROM accounts LIMIT 1') !== undefined) {
      return err({ code: 'init/done-before', message: text('This home is initialised already: it has accounts. Nothing was changed.', '该目录已初始化：已有账户。未作任何更改。') });
    }
    const { organisation } = recordOrganisation(tx, 'Sluice');
    const { account } = recordAccount(tx, { login: LOGIN, name: 'Administrator', role: 'administrator', organisation });
    const expires = new Date(tx.now.getTime() + TOKEN_DAYS * 24 * 3600 * 1000).toISOString();
    const { secret } = issueToken(tx, account, 'sluice init', SCOPES, expires);
    const written = writeOnce(tokenFile, `${secret}\n`);
    if (!written.ok) return written;
    wrote = true;
    return ok({ account, login: LOGIN, expires });
  }).catch((error: unknown) => {
    if (wrote) rmSync(tokenFile, { force: true });
    throw error;
  });
  return made;
}

function writeOnce(file: string, content: string): Result<null, FirstAdministratorFailure> {
  let handle: number;
  try {
    handle = openSync(file, 'wx', 0o600);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EEXIST'
      ? err({ code: 'init/file-exists', message: text(`${file} exists and is not overwritten. Name another file or remove it.`, `${file} 已存在，不会覆盖。请指定其他文件或先删除它。`) })
      : err({ code: 'init/file-unwritable', message: text(`${file} cannot be written.`, `无法写入 ${file}。`) });
  }
  try {
    writeSync(handle, content);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  return ok(null);
}
