/** Where the access token comes from, and where `sluice login` keeps it: one file a server, readable by its owner only. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** --token-file, SLUICE_TOKEN, the kept token; null without any. A named file that cannot be read is an error of the caller's. */
export async function tokenOf(tokenFile: string | undefined, env: Environment, server: string): Promise<string | null> {
  if (tokenFile !== undefined) return (await readFile(tokenFile, 'utf8')).trim();
  const given = env['SLUICE_TOKEN'];
  if (given !== undefined && given !== '') return given.trim();
  return readFile(keptAt(env, server), 'utf8').then((token) => token.trim(), () => null);
}

export async function keepToken(env: Environment, server: string, token: string): Promise<string> {
  const file = keptAt(env, server);
  await mkdir(join(file, '..'), { recursive: true, mode: 0o700 });
  await writeFile(file, `${token}\n`, { mode: 0o600 });
  return file;
}

export async function forgetToken(env: Environment, server: string): Promise<void> {
  await rm(keptAt(env, server), { force: true });
}

function keptAt(env: Environment, server: string): string {
  const base = env['XDG_CONFIG_HOME'] || join(env['HOME'] || homedir(), '.config');
  return join(base, 'sluice', `token-${server.replace(/[^A-Za-z0-9.-]+/g, '_')}`);
}
