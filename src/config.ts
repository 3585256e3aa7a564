/**
 * Configuration: parsed once at start from a JSON file and SLUICE_* variables (which win), then never again.
 * Every field has a default that is safe on one machine; an unknown key is refused, because a mistyped one would
 * silently leave a protection off.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { err, ok, type Result } from '#contract/result.ts';
import { bilingual, text, type Text } from '#contract/text.ts';
import { parseAs } from './http/invalid.ts';

const Seconds = z.int().min(1).max(366 * 24 * 3600);

const Workers = z.strictObject({
  /** Jobs that run at the same time. */
  concurrency: z.int().min(1).max(64).default(2),
  /** So many more run where the organisation has none running: nobody waits behind the long jobs of others alone. */
  reserve: z.int().min(0).max(64).default(1),
  /** Started workers kept ready for each snapshot set in use. */
  spares: z.int().min(0).max(16).default(1),
  /** Memory of the engine in one worker, MiB; the process gets 1536 MiB more of data segment. */
  memoryMb: z.int().min(64).max(1_048_576).default(512),
  /** The same for a worker that takes a dataset in. */
  ingestMemoryMb: z.int().min(64).max(1_048_576).default(2048),
  /** Threads of the engine in one worker. */
  threads: z.int().min(1).max(64).default(2),
  /** Processor time of one worker over its whole life, seconds. */
  cpuSeconds: z.int().min(1).max(1_000_000).default(3600),
  /** Wall-clock time of one job, milliseconds. */
  wallMs: z.int().min(100).max(86_400_000).default(60_000),
  /** Wall-clock time of taking a dataset in, milliseconds. */
  ingestWallMs: z.int().min(1000).max(86_400_000).default(1_800_000),
  /** A worker is replaced after so many jobs. */
  jobsPerWorker: z.int().min(1).max(100_000).default(1000),
});

const Sessions = z.strictObject({
  /** A session ends after so many seconds without a request. */
  idleSeconds: Seconds.default(30 * 60),
  /** A session ends after so many seconds in any case. */
  lifetimeSeconds: Seconds.default(12 * 3600),
});
export type SessionRules = z.infer<typeof Sessions>;

const Lockout = z.strictObject({
  /** Failed logins under one name before it has to wait. */
  afterFailures: z.int().min(1).max(1000).default(5),
  /** Failed logins from one address (IPv6: one /64) before it has to wait. */
  afterFailuresOfSource: z.int().min(1).max(100_000).default(30),
  /** First wait; every further failure doubles it up to the longest. */
  firstSeconds: Seconds.default(15),
  longestSeconds: Seconds.default(15 * 60),
  /** Failures are forgotten so long after the last one. */
  forgetSeconds: Seconds.default(24 * 3600),
});
export type LockoutRules = z.infer<typeof Lockout>;

const Limit = z.int().min(1).max(10_000_000);

/** Names are those of `contract/limit.ts`, but for the last. */
const Limits = z.strictObject({
  /** Requests of one account that are under way, until their answers are sent. */
  requestsAtOnce: Limit.default(32),
  /** Requests of one account that change something or are recorded, on average; as many in a burst. */
  changesPerMinute: Limit.default(6000),
  /** Requests of one account that a rule denies: each is in the log. */
  denialsPerMinute: Limit.default(60),
  /** Successful logins of one account. */
  loginsPerMinute: Limit.default(30),
  /** Open sessions of one account. */
  sessions: Limit.default(20),
  /** Tokens of one account that still work. */
  tokens: Limit.default(100),
  /** Applications of one organisation that wait for a decision. */
  pendingApplications: Limit.default(50),
  /** Jobs that wait. */
  queuedJobsPerGrant: Limit.default(200),
  queuedJobsPerOrganisation: Limit.default(500),
  /** Queries checked, and results rendered as Parquet, for one organisation: both occupy the worker that checks. */
  checksPerMinute: Limit.default(120),
  /** Policies of one organisation that are proposed, approved, tested or tried, for each may run queries. */
  policyRunsAtOnce: Limit.default(2),
  /** Datasets that one organisation uploads. */
  uploadsAtOnce: Limit.default(2),
  /** Answers under an Idempotency-Key that are kept for one account; the oldest go first. */
  idempotencyKeys: Limit.default(10_000),
});
export type LimitRules = z.infer<typeof Limits>;

export const ConfigSchema = z.strictObject({
  /** Directory with everything that lasts: database, keys, log, snapshots, releases. */
  home: z.string().min(1).default('var'),
  /** Address to listen on. Another than a loopback address needs a TLS proxy in front and `publicUrl`. */
  host: z.string().min(1).default('127.0.0.1'),
  /** 0: any free port. */
  port: z.int().min(0).max(65_535).default(8080),
  /** Where people reach the service; null: http://host:port. With https the session cookie is `Secure`. */
  publicUrl: z.url({ protocol: /^https?$/, error: bilingual('must be an http or https address', '须为 http 或 https 地址') }).nullable().default(null),
  /** Name of the audit log, a URL without its scheme. It is part of every signed checkpoint, so it can never change. */
  logOrigin: z.string().min(1).max(200).default('sluice.local/audit'),
  /** Refuses to start where workers cannot be isolated by bubblewrap. */
  requireIsolation: z.boolean().default(false),
  workers: Workers.prefault({}),
  sessions: Sessions.prefault({}),
  lockout: Lockout.prefault({}),
  limits: Limits.prefault({}),
  /** Connections at once, whoever has them; a proxy in front has its own. No more than there are file descriptors for. */
  maxConnections: z.int().min(1).max(1_000_000).default(2000),
  /** Bytes of a JSON body. */
  bodyLimit: z.int().min(1024).max(64 * 1024 * 1024).default(1024 * 1024),
  /** Bytes of an uploaded file. */
  uploadLimit: z.int().min(1024).max(2 ** 40).default(4 * 2 ** 30),
  /** Whether the last X-Forwarded-For address is the caller's: only behind a proxy that sets it. */
  trustProxy: z.boolean().default(false),
  /** `auto`: the session cookie is `Secure` where `publicUrl` is https. */
  secureCookies: z.enum(['auto', 'always', 'never']).default('auto'),
  /** Bearer token that /metrics asks for; null: /metrics answers callers on this machine only. */
  metricsToken: z.string().min(16).nullable().default(null),
  logLevel: z.enum(['error', 'warn', 'info', 'debug']).default('info'),
});
export type Config = z.infer<typeof ConfigSchema>;

/** Fields that are never shown. */
const SECRETS: readonly (keyof Config)[] = ['metricsToken'];

/** Variables that the command line reads, or that name this file. */
const OTHER_VARIABLES = new Set(['SLUICE_CONFIG', 'SLUICE_URL', 'SLUICE_TOKEN', 'SLUICE_PASSWORD', 'SLUICE_LANG']);

export type ConfigFailure = { readonly code: 'config/invalid'; readonly message: Text };
const refuse = (en: string, zh: string) => err<ConfigFailure>({ code: 'config/invalid', message: text(en, zh) });

/** `file`: a JSON file; left out: SLUICE_CONFIG, or `<home>/config.json` where that exists. Fails `config/invalid`. */
export function loadConfig(env: Readonly<Record<string, string | undefined>>, file?: string): Result<Config, ConfigFailure> {
  const fromEnv = readEnvironment(env);
  if (!fromEnv.ok) return fromEnv;
  const named = file ?? env['SLUICE_CONFIG'];
  const home = resolve(typeof fromEnv.value['home'] === 'string' ? fromEnv.value['home'] : 'var');
  const path = named ?? join(home, 'config.json');
  const fromFile = named !== undefined || existsSync(path) ? readFile(path) : ok({});
  if (!fromFile.ok) return fromFile;
  const parsed = parseAs(ConfigSchema, 'configuration', merge(fromFile.value, fromEnv.value));
  if (!parsed.ok) {
    const sentences = (language: 'en' | 'zh') => (parsed.error.errors ?? []).map(({ at, message }) => `${at}: ${message[language]}`).join('; ');
    return refuse(`The configuration is not valid: ${sentences('en')}.`, `配置无效：${sentences('zh')}。`);
  }
  const config = { ...parsed.value, home: resolve(parsed.value.home) };
  if (config.sessions.idleSeconds > config.sessions.lifetimeSeconds) {
    return refuse('The configuration is not valid: sessions.idleSeconds must not exceed sessions.lifetimeSeconds.', '配置无效：sessions.idleSeconds 不得大于 sessions.lifetimeSeconds。');
  }
  return ok(config);
}

/** The configuration in force with its secrets masked, as `sluice config` shows it and the log digests it. */
export function effectiveConfig(config: Config): Record<string, unknown> {
  return Object.fromEntries(Object.entries(config).map(([key, value]) =>
    [key, SECRETS.includes(key as keyof Config) && value !== null ? '********' : value]));
}

export const publicOrigin = (config: Config, port = config.port): string =>
  new URL(config.publicUrl ?? `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`).origin;

export const cookiesAreSecure = (config: Config): boolean =>
  config.secureCookies === 'always' || (config.secureCookies === 'auto' && (config.publicUrl?.startsWith('https:') ?? false));

function readFile(path: string): Result<Record<string, unknown>, ConfigFailure> {
  let source: string;
  try {
    source = readFileSync(path, 'utf8');
  } catch {
    return refuse(`The configuration file ${path} cannot be read.`, `无法读取配置文件 ${path}。`);
  }
  try {
    const value: unknown = JSON.parse(source);
    if (isObject(value)) return ok(value);
  } catch { /* said below */ }
  return refuse(`The configuration file ${path} is not a JSON object.`, `配置文件 ${path} 不是 JSON 对象。`);
}

/** `workers.memoryMb` ↔ SLUICE_WORKERS_MEMORY_MB. Values are JSON where the field is not a text. */
function readEnvironment(env: Readonly<Record<string, string | undefined>>): Result<Record<string, unknown>, ConfigFailure> {
  const fields = new Map(fieldsOf(ConfigSchema).map((field) => [variableOf(field.path), field]));
  const values: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith('SLUICE_') || OTHER_VARIABLES.has(name) || name.startsWith('SLUICE_TEST_') || value === undefined) continue;
    const field = fields.get(name);
    if (field === undefined) {
      return refuse(`The variable ${name} is not one that Sluice knows; see \`sluice config\` for those it does.`, `Sluice 不认识变量 ${name}；可用变量见 \`sluice config\`。`);
    }
    const [section, key] = field.path.length === 2 ? field.path : [undefined, field.path[0]];
    const into = section === undefined ? values : (values[section] ??= {}) as Record<string, unknown>;
    into[key!] = field.isText ? value : jsonOrText(value);
  }
  return ok(values);
}

type Field = { readonly path: readonly string[]; readonly isText: boolean };

function fieldsOf(schema: z.ZodObject, prefix: readonly string[] = []): Field[] {
  return Object.entries(schema.shape).flatMap(([key, field]) => {
    const inner = unwrap(field as z.ZodType);
    const path = [...prefix, key];
    return inner instanceof z.ZodObject ? fieldsOf(inner, path) : [{ path, isText: inner instanceof z.ZodString || inner instanceof z.ZodURL || inner instanceof z.ZodEnum }];
  });
}

function unwrap(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodNullable ? unwrap(schema.unwrap() as z.ZodType) : schema;
}

export const variableOf = (path: readonly string[]): string =>
  `SLUICE_${path.map((part) => part.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()).join('_')}`;

function jsonOrText(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function merge(base: Record<string, unknown>, over: Record<string, unknown>): Record<string, unknown> {
  const merged = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const under = merged[key];
    merged[key] = isObject(under) && isObject(value) ? merge(under, value) : value;
  }
  return merged;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
