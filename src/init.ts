/** `sluice init`: makes a home, its keys and its log, and the first administrator. Library function of the command. */
import { err, ok, type Result } from '#contract/result.ts';
import type { Text } from '#contract/text.ts';
import { createFirstAdministrator, type FirstAdministrator } from './accounts/first-administrator.ts';
import { explainHomeFailure, openHome, type HomeParts } from './home.ts';

export type InitFailure = { readonly code: string; readonly message: Text };

/** Refuses a home that has accounts, and a token file that exists; neither is changed then. */
export async function initialise(parts: HomeParts, tokenFile: string): Promise<Result<FirstAdministrator, InitFailure>> {
  const home = await openHome(parts);
  if (!home.ok) return err({ code: home.error.code, message: explainHomeFailure(home.error) });
  try {
    const made = await createFirstAdministrator(home.value.store, tokenFile);
    return made.ok ? ok(made.value) : err(made.error);
  } finally {
    await home.value.close();
  }
}
