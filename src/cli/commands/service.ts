/** Commands beside the store, for whoever runs the service: init, serve, config, audit rebuild. */
import { join } from 'node:path';
import { ok } from '#contract/result.ts';
import { text } from '#contract/text.ts';
import { rebuild } from '#src/audit/rebuild.ts';
import { effectiveConfig, loadConfig, variableOf } from '#src/config.ts';
import { initialise } from '#src/init.ts';
import { jsonLog } from '#src/log.ts';
import { PROJECTIONS } from '#src/projections.ts';
import { command, type Command, type OptionTable } from '../command.ts';
import type { Session } from '../io.ts';
import { STATUS, stop, type Outcome } from '../outcome.ts';
import { grid } from '../output/grid.ts';

const HOME = {
  home: { type: 'value', value: 'DIR', help: text('home directory of the service (default: SLUICE_HOME, else var)', '服务主目录（默认：SLUICE_HOME，否则 var）') },
  config: { type: 'value', value: 'FILE', help: text('configuration file (default: SLUICE_CONFIG, else config.json in the home)', '配置文件（默认：SLUICE_CONFIG，否则主目录下的 config.json）') },
} as const satisfies OptionTable;

function configOf(session: Pick<Session, 'env'>, options: { readonly home: string | undefined; readonly config: string | undefined }) {
  const env = options.home === undefined ? session.env : { ...session.env, SLUICE_HOME: options.home };
  const config = loadConfig(env, options.config);
  return config.ok ? config : stop(STATUS.usage, config.error.message);
}

const init = command({
  name: 'init',
  summary: text('make a home: its keys, its log, and the first administrator', '初始化主目录：密钥、日志与首位管理员'),
  options: {
    ...HOME,
    'admin-token-file': { type: 'value', value: 'FILE', required: true, help: text("the administrator's token is written here, readable by you only; an existing file is not overwritten", '管理员令牌写入此文件，仅您可读；不覆盖已有文件') },
  },
  examples: ['init --admin-token-file admin.token'],
  run: async (session, options): Promise<Outcome> => {
    const config = configOf(session, options);
    if (!config.ok) return config;
    const file = options['admin-token-file'];
    const log = jsonLog(config.value.logLevel, session.clock, session.err);
    const made = await initialise({ config: config.value, clock: session.clock, random: session.random, log }, file);
    if (!made.ok) return stop(STATUS.refused, made.error.message);
    const { home } = config.value;
    if (session.json) session.out(`${JSON.stringify({ home, ...made.value, tokenFile: file })}\n`);
    else session.out(`${text(
      `${home} is ready. The token of the administrator "${made.value.login}" is in ${file} and holds until ${made.value.expires}. Start the service with \`sluice serve\`.`,
      `${home} 已就绪。管理员“${made.value.login}”的令牌在 ${file}，有效期至 ${made.value.expires}。用 \`sluice serve\` 启动服务。`,
    )[session.language]}\n`);
    return ok(STATUS.done);
  },
});

const serve = command({
  name: 'serve',
  summary: text('start the service', '启动服务'),
  options: {
    ...HOME,
    host: { type: 'value', value: 'ADDRESS', help: text('listen on this address (default 127.0.0.1)', '监听地址（默认 127.0.0.1）') },
    port: { type: 'value', value: 'N', help: text('listen on this port (default 8080; 0: any free one)', '监听端口（默认 8080；0 表示任意空闲端口）') },
  },
  notes: text('Ends in order on Ctrl-C or SIGTERM. Its own log is JSON lines on standard error.', '收到 Ctrl-C 或 SIGTERM 后有序退出。服务自身日志以 JSON 行写到标准错误。'),
  examples: ['serve', 'serve --home var --port 0 --json'],
  run: async (session, { home, config: file, host, port }): Promise<Outcome> => {
    const env = { ...session.env, ...(host !== undefined && { SLUICE_HOST: host }), ...(port !== undefined && { SLUICE_PORT: port }) };
    const loaded = configOf({ ...session, env }, { home, config: file });
    if (!loaded.ok) return loaded;
    // Loaded here only: no other command needs the server's code.
    const { serve: start } = await import('#src/main.ts');
    const { clock, random, elapsed } = session;
    const running = await start({ config: loaded.value, clock, random, elapsed, log: jsonLog(loaded.value.logLevel, clock, session.err) });
    if (!running.ok) return stop(STATUS.unavailable, running.error.message);
    const { url, isolation, broken } = running.value;
    if (session.json) session.out(`${JSON.stringify({ url, isolation })}\n`);
    else session.out(`${text(`Sluice answers at ${url}; Ctrl-C ends it.`, `Sluice 已在 ${url} 提供服务；按 Ctrl-C 结束。`)[session.language]}\n`);
    const why = await Promise.race([broken, new Promise<null>((resolve) => session.interrupted.addEventListener('abort', () => resolve(null), { once: true }))]);
    await running.value.stop();
    return why === null ? ok(STATUS.done) : stop(STATUS.unavailable, why);
  },
});

const config = command({
  name: 'config',
  summary: text('the configuration in force, secrets masked', '当前生效的配置，敏感项已遮蔽'),
  options: HOME,
  examples: ['config', 'config --home var --json'],
  run: async (session, options): Promise<Outcome> => {
    const loaded = configOf(session, options);
    if (!loaded.ok) return loaded;
    const shown = effectiveConfig(loaded.value);
    if (session.json) session.out(`${JSON.stringify(shown)}\n`);
    else session.out(grid(
      [{ title: text('setting', '配置项')[session.language] }, { title: text('value', '值')[session.language] }, { title: text('variable', '环境变量')[session.language] }],
      leaves(shown).map(([path, value]) => [path.join('.'), typeof value === 'string' ? value : JSON.stringify(value), variableOf(path)]),
    ));
    return ok(STATUS.done);
  },
});

function leaves(document: Readonly<Record<string, unknown>>, above: readonly string[] = []): [readonly string[], unknown][] {
  return Object.entries(document).flatMap(([key, value]): [readonly string[], unknown][] => (
    typeof value === 'object' && value !== null && !Array.isArray(value) ? leaves(value as Record<string, unknown>, [...above, key]) : [[[...above, key], value]]
  ));
}

const auditRebuild = command({
  name: 'audit rebuild',
  summary: text('derive every table again from the log and compare it with the store', '由日志重新推导全部数据表，并与库中内容比对'),
  options: HOME,
  notes: text('Reads the home directory and changes nothing; the service may be running.', '只读取主目录，不作任何更改；服务可同时运行。'),
  examples: ['audit rebuild --home var'],
  run: async (session, options): Promise<Outcome> => {
    const loaded = configOf(session, options);
    if (!loaded.ok) return loaded;
    const { language } = session;
    let report: ReturnType<typeof rebuild>;
    try {
      report = rebuild(join(loaded.value.home, 'sluice.db'), PROJECTIONS);
    } catch {
      return stop(STATUS.usage, text(`The store in ${loaded.value.home} cannot be read, or holds an entry that this version does not understand.`, `无法读取 ${loaded.value.home} 中的库，或其中有本版本不能理解的条目。`));
    }
    if (session.json) session.out(`${JSON.stringify(report)}\n`);
    else {
      session.out(grid([
        { title: text('table', '表')[language] },
        { title: text('rows', '行')[language], align: 'right' },
        { title: text('only in the log', '仅日志有')[language], align: 'right' },
        { title: text('only in the store', '仅库中有')[language], align: 'right' },
      ], report.tables.map(({ table, rows, missing, surplus }) => [table, String(rows), String(missing), String(surplus)])));
      session.out(`${(report.identical
        ? text(`The tables are exactly what the ${report.entries} entries of the log say.`, `全部数据表与日志的 ${report.entries} 条记录完全一致。`)
        : text('The tables differ from what the log says.', '数据表与日志记载不一致。'))[language]}\n`);
    }
    return ok(report.identical ? STATUS.done : STATUS.refused);
  },
});

export const SERVICE_COMMANDS: readonly Command[] = [init, serve, config, auditRebuild];
