/** Composition root: configuration → home → workers → services → application → socket, and back in the opposite order. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { digestOf } from '#contract/canonical.ts';
import { err, ok, type Result } from '#contract/result.ts';
import { text, type Text } from '#contract/text.ts';
import program from '../package.json' with { type: 'json' };
import { isInitialised } from './accounts/first-administrator.ts';
import { SYSTEM } from './accounts/principal.ts';
import { buildApp } from './app.ts';
import { effectiveConfig, publicOrigin, type Config } from './config.ts';
import { explainHomeFailure, keysOf, openHome, snapshotsOf, type Home } from './home.ts';
import { createServer } from './http/server.ts';
import { Metrics } from './http/metrics.ts';
import type { Health } from './http/operations.ts';
import { Limits } from './limits/limits.ts';
import { traceOf, type Log } from './log.ts';
import { openServices, type Services } from './services.ts';
import { cagedEnvironment, decideIsolation, NODE_FLAGS, type Isolation } from './workers/cage.ts';
import { fillCompileCache } from './workers/compile-cache.ts';
import { DEFAULT_POOL_OPTIONS, WorkerPool } from './workers/pool.ts';

export const VERSION: string = program.version;

export type ServeParts = {
  readonly config: Config;
  readonly clock: () => Date;
  readonly random: (bytes: number) => Uint8Array;
  /** Milliseconds, monotonic. */
  readonly elapsed: () => number;
  readonly log: Log;
};

export type Running = {
  /** Where the service answers. */
  readonly url: string;
  readonly isolation: Isolation;
  /** Resolves, with why, when the service can no longer do its work; it should be stopped then and started again. */
  readonly broken: Promise<Text>;
  /** Stops accepting, lets requests finish, puts running jobs back, closes the store. */
  stop(): Promise<void>;
};

export type ServeFailure = { readonly code: string; readonly message: Text };
const refuse = (code: string, message: Text) => err<ServeFailure>({ code, message });

/** Requests that are under way get so many milliseconds to finish when the service stops. */
const GRACE_MS = 8_000;
/** So many entries that are not under a checkpoint yet mean that publishing does not keep up. */
const MAX_LAG = 10_000;

/** Fails with a sentence where the service cannot start; nothing is left open then. */
export async function serve(parts: ServeParts): Promise<Result<Running, ServeFailure>> {
  const { config } = parts;
  const isolation = decideIsolation(config.requireIsolation ? 'required' : 'auto');
  if (!isolation.ok) return refuse('serve/isolation', isolation.error);
  const home = await openHome(parts);
  if (!home.ok) return refuse(home.error.code, explainHomeFailure(home.error));
  const pool = openPool(config, isolation.value);
  try {
    if (!isInitialised(home.value.store)) {
      await closeAll(pool, home.value);
      return refuse('serve/not-initialised', text(
        `${config.home} has no accounts yet. Run \`sluice init --admin-token-file FILE\` first.`,
        `${config.home} 中尚无账户。请先运行 \`sluice init --admin-token-file FILE\`。`,
      ));
    }
    return await start(parts, home.value, pool, isolation.value);
  } catch (error) {
    await closeAll(pool, home.value);
    throw error;
  }
}

function openPool({ workers, ...config }: Config, isolation: Isolation): WorkerPool {
  const { concurrency, reserve, spares, memoryMb, ingestMemoryMb, threads, cpuSeconds, jobsPerWorker } = workers;
  return new WorkerPool({
    ...DEFAULT_POOL_OPTIONS, isolation, keys: keysOf({ workers, ...config }), snapshotStore: snapshotsOf({ workers, ...config }),
    concurrency: concurrency + reserve, spares, memoryMb, ingestMemoryMb, threads, cpuSeconds, jobsPerWorker,
  });
}

async function closeAll(pool: WorkerPool, home: Home): Promise<void> {
  await pool.close();
  await home.close();
}

async function start(parts: ServeParts, home: Home, pool: WorkerPool, isolation: Isolation): Promise<Result<Running, ServeFailure>> {
  const { config, log } = parts;
  const { store } = home;
  const metrics = new Metrics();
  measure(metrics, home, pool);
  const limits = new Limits({ rules: config.limits, clock: parts.clock, metrics });
  await fillCompileCache(NODE_FLAGS, cagedEnvironment('process'));
  await pool.prepareCheck();
  const { engine } = pool.status();
  if (engine === null) {
    await closeAll(pool, home);
    return refuse('serve/no-worker', text(
      'No worker could be started. Check that workers.memoryMb is enough, that /bin/sh allows the limits, and that the home can be read.',
      '无法启动工作进程。请检查 workers.memoryMb 是否足够、/bin/sh 是否允许设置限制，以及主目录是否可读。',
    ));
  }
  await store.transact(SYSTEM, (tx) => {
    tx.record({ kind: 'service.started', version: VERSION, engine, isolation, configuration: digestOf(effectiveConfig(config)) });
    return ok(null);
  });
  const services = await openServices({ ...parts, store, pool, releaseKey: home.releaseKey, version: VERSION, metrics, limits });

  const state = { ready: false };
  let breaks: (why: Text) => void = () => {};
  const broken = new Promise<Text>((resolve) => { breaks = resolve; });
  const { app } = buildApp({
    config, log, metrics, limits, store, version: VERSION, accounts: services.accounts, audit: home.log, mounts: services.mounts,
    random: parts.random, elapsed: parts.elapsed,
    health: () => healthOf(config, isolation, home, state.ready),
    onStoreClosed: () => {
      if (state.ready) breaks(text('The database can no longer be written.', '数据库已无法写入。'));
    },
  });
  await services.start();

  const server = createServer(app.fetch, config.maxConnections);
  const dropped = metrics.counter('sluice_connections_dropped_total', 'Connections closed unheard because there were too many.', {});
  server.on('drop', () => dropped({}));
  const bound = await listen(server, config);
  if (!bound.ok) {
    await services.stop();
    await closeAll(pool, home);
    return bound;
  }
  state.ready = true;
  const url = publicOrigin(config, bound.value);
  log('info', 'listening', { url, isolation });
  for (const warning of healthOf(config, isolation, home, true).warnings) log('warn', warning.en);
  const stop = async (): Promise<void> => {
    state.ready = false;
    await shutDown(server, services, pool, home, log);
  };
  return ok({ url, isolation, broken, stop });
}

async function listen(server: Server, { host, port }: Config): Promise<Result<number, ServeFailure>> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    return refuse('serve/listen', text(`Cannot listen on ${host}, port ${port} (${code}).`, `无法监听 ${host} 端口 ${port}（${code}）。`));
  }
  return ok((server.address() as AddressInfo).port);
}

async function shutDown(server: Server, services: Services, pool: WorkerPool, home: Home, log: Log): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  const impatient = setTimeout(() => server.closeAllConnections(), GRACE_MS);
  await services.stop();
  await closed;
  clearTimeout(impatient);
  await pool.close();
  // A store that closed itself takes no last entry; the next start finds everything that was acknowledged.
  await home.store.transact(SYSTEM, (tx) => {
    tx.record({ kind: 'service.stopped' });
    return ok(null);
  }).catch((error: unknown) => log('error', 'the end of the service could not be recorded', traceOf(error)));
  await home.close();
  log('info', 'stopped');
}

function healthOf(config: Config, isolation: Isolation, home: Home, ready: boolean): Health {
  const warnings: Text[] = [];
  const notReady: Text[] = [];
  const { lag, failing } = home.log.status();
  if (isolation === 'process') warnings.push(text(
    'Workers run as plain processes: bubblewrap is not available here, so the operating system does not confine them.',
    '工作进程以普通进程运行：本机没有可用的 bubblewrap，操作系统不对其隔离。',
  ));
  if (failing) warnings.push(text('The audit log cannot be published; entries are safe in the database.', '审计日志无法发布；条目已安全保存在数据库中。'));
  if (!isLoopback(config.host) && !config.publicUrl?.startsWith('https:')) warnings.push(text(
    'The service listens beyond this machine without TLS in front: set publicUrl to the https address of a proxy.',
    '服务对外监听但前端没有 TLS：请将 publicUrl 设为代理的 https 地址。',
  ));
  if (!ready) notReady.push(text('The service is starting or stopping.', '服务正在启动或停止。'));
  if (lag > MAX_LAG) notReady.push(text('The audit log lags behind; new work waits until it is published.', '审计日志滞后；发布完成前暂缓新的工作。'));
  return { isolation, warnings, notReady };
}

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || host.startsWith('127.');

function measure(metrics: Metrics, { store, log }: Home, pool: WorkerPool): void {
  metrics.gauge('sluice_log_entries', 'Entries in the audit log.', () => store.size);
  metrics.gauge('sluice_log_lag_entries', 'Entries that are durable and not yet under a signed checkpoint.', () => log.status().lag);
  metrics.gauge('sluice_jobs_running', 'Jobs in a worker.', () => pool.status().running);
  metrics.gauge('sluice_jobs_waiting', 'Jobs waiting for a worker.', () => pool.status().waiting);
  metrics.gauge('sluice_workers', 'Worker processes.', () => pool.status().workers.length);
  metrics.gauge('sluice_workers_resident_bytes', 'Memory of the worker processes.', () => pool.status().workers.reduce((sum, { residentBytes }) => sum + (residentBytes ?? 0), 0));
  metrics.gauge('sluice_resident_bytes', 'Memory of this process.', () => process.memoryUsage.rss());
}
