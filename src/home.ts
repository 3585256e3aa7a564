/** Opens a home directory: the store, the domain's keys (by commitment only) and the audit log. `init` and `serve` both start so. */
import { createHmac } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '#contract/canonical.ts';
import { err, ok, type Result } from '#contract/result.ts';
import { text, type Text } from '#contract/text.ts';
import { CONSOLE } from './accounts/principal.ts';
import { Log, type LogFailure } from './audit/log.ts';
import { openLogKey, type LogKeyFailure } from './audit/log-key.ts';
import type { Config } from './config.ts';
import { traceOf, type Log as ServiceLog } from './log.ts';
import { PROJECTIONS } from './projections.ts';
import { committedKey } from './store/service.ts';
import { readIfThere, writeDurably } from './store/files.ts';
import { Store, type StoreFailure } from './store/store.ts';
import { initKeys } from './workers/init-keys.ts';

const KEY_BYTES = 32;

/** The domain's keys: read by workers, never by this process. */
export const keysOf = (config: Config): string => join(config.home, 'keys');
/** Keys of the control plane: no worker sees this directory. */
const controlKeysOf = (config: Config): string => join(config.home, 'control');
export const snapshotsOf = (config: Config): string => join(config.home, 'snapshots');
export const logDirectoryOf = (config: Config): string => join(config.home, 'log');

export type Home = {
  readonly store: Store;
  readonly log: Log;
  /** 32 bytes that results are sealed under. */
  readonly releaseKey: Uint8Array;
  close(): Promise<void>;
};

export type HomeParts = {
  readonly config: Config;
  readonly clock: () => Date;
  readonly random: (bytes: number) => Uint8Array;
  readonly log: ServiceLog;
};

/** Why a home cannot be opened, for whoever starts the service. */
export type HomeFailure =
  | StoreFailure | LogKeyFailure | LogFailure
  /** A key file is not the one that the log names: results could not be replayed, pseudonyms would not match. */
  | { readonly code: 'home/key-changed'; readonly key: string }
  | { readonly code: 'home/keys-unusable'; readonly directory: string };

export async function openHome(parts: HomeParts): Promise<Result<Home, HomeFailure>> {
  const { config, clock, random } = parts;
  const opened = Store.open({ directory: config.home, clock, random, projections: PROJECTIONS });
  if (!opened.ok) return opened;
  const store = opened.value;
  const rest = await openRest(parts, store);
  if (!rest.ok) {
    await store.close();
    return rest;
  }
  const { log, releaseKey } = rest.value;
  const close = async (): Promise<void> => {
    await log.close();
    await store.close();
  };
  return ok({ store, log, releaseKey, close });
}

async function openRest({ config, random, log }: HomeParts, store: Store): Promise<Result<Pick<Home, 'log' | 'releaseKey'>, HomeFailure>> {
  for (const directory of [keysOf(config), controlKeysOf(config), snapshotsOf(config), logDirectoryOf(config)]) mkdirSync(directory, { recursive: true, mode: 0o700 });
  const commitments = await initKeys(keysOf(config)).catch(() => null);
  if (commitments === null) return err({ code: 'home/keys-unusable', directory: keysOf(config) });
  const releaseKey = await controlKey(join(controlKeysOf(config), 'release.key'), random);
  if (releaseKey === null) return err({ code: 'home/keys-unusable', directory: controlKeysOf(config) });
  const committed = await commitKeys(store, { ...commitments, release: commitmentOf('release', releaseKey) });
  if (!committed.ok) return committed;
  const signer = await openLogKey(controlKeysOf(config), config.logOrigin, random);
  if (!signer.ok) return signer;
  const opened = await Log.open({
    directory: logDirectoryOf(config), entries: store, signer: signer.value,
    onFailure: (error) => log('error', 'the audit log could not be published; it is tried again', traceOf(error)),
  });
  return opened.ok ? ok({ log: opened.value, releaseKey }) : opened;
}

/** Made where it is missing, mode 0600. Null where the file is no key. */
async function controlKey(path: string, random: (bytes: number) => Uint8Array): Promise<Uint8Array | null> {
  const found = await readIfThere(path);
  if (found !== null) return found.length === KEY_BYTES ? found : null;
  const key = random(KEY_BYTES);
  await writeDurably(path, key, 0o600);
  return key;
}

/** What the log may know of a key, in the form that workers give for theirs. */
const commitmentOf = (name: string, key: Uint8Array): string => createHmac('sha256', key).update(`sluice key commitment: ${name}`).digest('hex');

/** Records each key's commitment once; a key that changed since is refused. */
async function commitKeys(store: Store, commitments: Readonly<Record<string, string>>): Promise<Result<null, HomeFailure>> {
  for (const [key, commitment] of Object.entries(commitments)) {
    const known = committedKey(store.read, key);
    if (known === commitment) continue;
    if (known !== null) return err({ code: 'home/key-changed', key });
    await store.transact(CONSOLE, (tx) => {
      tx.record({ kind: 'key.committed', key, digest: commitment as Digest });
      return ok(null);
    });
  }
  return ok(null);
}

export function explainHomeFailure(failure: HomeFailure): Text {
  switch (failure.code) {
    case 'store/locked':
      return text(`Another process has ${failure.directory} open. There is one server for each home; stop it first.`, `另一进程正在使用 ${failure.directory}。每个目录仅允许一个服务；请先停止它。`);
    case 'store/schema-version':
      return text(`The database has schema version ${failure.found}; this program writes version ${failure.expected}. Use the program that wrote it.`, `数据库模式版本为 ${failure.found}，本程序使用 ${failure.expected}。请使用写入它的程序版本。`);
    case 'log/key-unreadable':
      return text(`${failure.path} is not a signing key. Restore it from a backup.`, `${failure.path} 不是签名密钥。请从备份恢复。`);
    case 'log/key-of-other-origin':
      return text(`The signing key belongs to the log ${failure.origin}; set logOrigin to that name. A log cannot be renamed.`, `签名密钥属于日志 ${failure.origin}；请将 logOrigin 设为该名称。日志不能改名。`);
    case 'log/checkpoint-missing':
      return text('The audit log has tiles but no checkpoint: its memory of what it signed was removed. Restore log/checkpoint.', '审计日志有数据块但没有检查点：其签名记录被删除。请恢复 log/checkpoint。');
    case 'log/checkpoint-unreadable':
      return text('The last checkpoint was not signed by the key of this log. Restore log/checkpoint and control/log.key from one backup.', '最后的检查点不是由本日志的密钥签名。请从同一备份恢复 log/checkpoint 与 control/log.key。');
    case 'log/rolled-back':
      return text(`The log was signed up to ${failure.signed} entries, but the database holds ${failure.stored}: it is an older copy. Nothing was changed.`, `日志已签名至 ${failure.signed} 条，但数据库仅有 ${failure.stored} 条：这是较旧的副本。未作任何更改。`);
    case 'log/contradicts-checkpoint':
      return text(`The first ${failure.signed} entries of the database are not those that were signed: it was altered. Nothing was changed.`, `数据库的前 ${failure.signed} 条记录与已签名的不符：数据曾被篡改。未作任何更改。`);
    case 'home/key-changed':
      return text(`The ${failure.key} key is not the one that the log names. Restore its file from a backup.`, `密钥 ${failure.key} 与日志记载的不符。请从备份恢复其文件。`);
    case 'home/keys-unusable':
      return text(`The keys in ${failure.directory} could not be created or read.`, `无法创建或读取 ${failure.directory} 中的密钥。`);
  }
}
