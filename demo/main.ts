/**
 * `npm run demo`: the whole story on real data, through the HTTP API of a server of its own. Every step is a command that
 * can be typed by hand. Ends by itself with exit status 0; whatever goes wrong ends it with 1 and its sentence.
 *
 *     node demo/main.ts [--below var] [--scale 1]      below: where its directory is made; scale: size of the city
 */
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { ApplicationView } from '#contract/api/applications.ts';
import { DatasetView } from '#contract/api/datasets.ts';
import { PolicySummary } from '#contract/api/policies.ts';
import { ReplayView } from '#contract/api/releases.ts';
import { Manifest } from '#contract/manifest.ts';
import { text } from '#contract/text.ts';
import { generateCity, scaled } from '../datasets/city/generate.ts';
import { languageOfEnvironment } from '../src/cli/language.ts';
import { answerQuestion, refuseQuestion } from './answers.ts';
import type { Released } from './answers.ts';
import { assemble } from './people.ts';
import type { Cast } from './people.ts';
import { readHostileQuestion, readQuestions } from './questions.ts';
import { freePort, newHome, Server } from './server.ts';
import { Terminal } from './terminal.ts';

const ROOT = new URL('..', import.meta.url).pathname;
const GRANT_DAYS = 30;

const terminal = new Terminal(languageOfEnvironment(process.env), (said) => void process.stdout.write(said), () => performance.now());

async function story(server: Server, scale: number): Promise<void> {
  const began = performance.now();
  const directories = [join(ROOT, 'datasets/adult'), join(ROOT, 'datasets/charities'), join(server.home, 'city')];
  const cast = await openTheHouse(server);
  const manifests = await registerData(cast, directories, scale);
  await publishPolicies(cast, manifests);
  const grant = await applyAndGrant(cast, manifests);
  const released = await askQuestions(cast, grant);
  await audit(server, cast, released);
  farewell(server, cast, (performance.now() - began) / 1000);
}

async function openTheHouse(server: Server): Promise<Cast> {
  terminal.chapter(text('A server of its own, and the people', '启动独立的服务器，创建人员'));
  terminal.say(text(`directory ${relative(process.cwd(), server.home)}, address ${server.url}`, `目录 ${relative(process.cwd(), server.home)}，地址 ${server.url}`));
  const token = await terminal.step(text('keys, store and the first administrator', '生成密钥、存储与首位管理员'), () => server.init());
  await terminal.step(text('server', '启动服务器'), () => server.start());
  const place = { server: server.url, directory: join(server.home, 'people'), language: terminal.language };
  return terminal.step(text('two people of an agency, an operator, an auditor', '数据提供单位两人、运营单位一人、审计一人'), () => assemble(place, token));
}

async function registerData({ proposer }: Cast, directories: readonly string[], scale: number): Promise<Manifest[]> {
  terminal.chapter(text('The agency registers its data', '数据提供单位登记数据'));
  const city = directories.at(-1) as string;
  await terminal.step(text('making a city from a seed: nobody lives there', '按种子生成示范城市：其中并无真实个人'), async () => generateCity({ directory: city, size: scaled(scale) }));
  const manifests: Manifest[] = [];
  for (const directory of directories) {
    const manifest = Manifest.parse(JSON.parse(readFileSync(join(directory, 'dataset.json'), 'utf8')));
    await terminal.step(manifest.title ?? text(manifest.id, manifest.id), () => proposer.ask(DatasetView, ['dataset', 'register', directory]), ({ tables }) => {
      const counts = (tables ?? []).map(({ table, rows }) => `${table} ${rows.toLocaleString('en')}`).join(', ');
      return text(counts, counts);
    });
    manifests.push(manifest);
  }
  return manifests;
}

async function publishPolicies({ proposer, approver }: Cast, manifests: readonly Manifest[]): Promise<void> {
  terminal.chapter(text('One person proposes a release policy, another approves it', '一人提出发布策略，另一人审批'));
  for (const { id } of manifests) {
    const file = join(ROOT, `policies/${id}-statistics.json`);
    const { proposal } = await terminal.step(text(`${id}: proposed by ${proposer.login}`, `${id}：${proposer.login} 提出`), () => proposer.ask(PolicySummary.loose(), ['policy', 'propose', file]));
    if (id === manifests[0]?.id) {
      const own = await proposer.sluice(['policy', 'approve', proposal]);
      if (own.status === 0) throw new Error('a person approved their own proposal');
      terminal.say(text('who tries to approve their own proposal is told:', '提出人试图自行批准时，系统答复：'));
      terminal.show(own.err);
    }
    await terminal.step(text(`${id}: approved by ${approver.login}`, `${id}：${approver.login} 批准`), () => approver.ask(PolicySummary.loose(), ['policy', 'approve', proposal]));
  }
}

async function applyAndGrant({ operator, approver }: Cast, manifests: readonly Manifest[]): Promise<string> {
  terminal.chapter(text('The operator applies, the agency grants', '运营单位申请，数据提供单位授权'));
  const columns = manifests.flatMap(({ id, tables }) => Object.entries(tables).flatMap(([table, { columns }]) =>
    Object.entries(columns).filter(([, column]) => column.role !== 'identifier').map(([column]) => `${id}.${table}.${column}`)));
  const application = {
    userUnit: '示范市统计局',
    scenario: '城市公共服务与产业布局分析',
    columns,
    sharing: 'statistics',
    until: new Date(Date.now() + GRANT_DAYS * 86_400_000).toISOString(),
    purpose: 'public-benefit',
  };
  const { id } = await terminal.step(
    text(`${operator.login} applies for ${columns.length} columns until ${application.until.slice(0, 10)}`, `${operator.login} 申请 ${columns.length} 列，截至 ${application.until.slice(0, 10)}`),
    () => operator.ask(ApplicationView, ['apply', '-'], JSON.stringify(application)),
  );
  const { grant } = await terminal.step(text(`${approver.login} approves`, `${approver.login} 批准`), () => approver.ask(ApplicationView, ['application', 'approve', id]));
  if (grant === null) throw new Error('the application was approved without a grant');
  return grant;
}

async function askQuestions({ operator }: Cast, grant: string): Promise<Released> {
  terminal.chapter(text('The operator asks', '运营单位提问'));
  const questions = readQuestions();
  let last: Released | null = null;
  for (const [i, question] of questions.entries()) {
    last = await answerQuestion(terminal, operator, grant, question, i === 0 || i === questions.length - 1);
  }
  if (last === null) throw new Error('there are no questions');
  await refuseQuestion(terminal, operator, grant, readHostileQuestion());
  return last;
}

async function audit(server: Server, { auditor }: Cast, released: Released): Promise<void> {
  terminal.chapter(text('The auditor trusts nobody', '审计不轻信任何人'));
  const copy = join(server.home, 'audit-copy');
  await terminal.step(text('a copy of the log', '导出日志副本'), () => auditor.must(['audit', 'export', copy]));
  await server.stop();
  terminal.say(text('the server is stopped; the copy is verified without it', '服务器已停止；离线验证副本'));
  const verified = await terminal.step(text('sluice audit verify', 'sluice audit verify'), () => auditor.must(['audit', 'verify', copy]));
  terminal.show(verified);
  await terminal.step(text('server again', '重新启动服务器'), () => server.start());
  const replay = await terminal.step(text(`the last job is computed again (${released.job})`, `重新计算最后一项作业（${released.job}）`), () => auditor.ask(ReplayView, ['audit', 'replay', released.job]));
  terminal.say(text(`released ${replay.expected}`, `发布时 ${replay.expected}`));
  terminal.say(text(`replayed ${replay.actual}  ${replay.outcome}`, `重放后 ${replay.actual}  ${replay.outcome === 'matched' ? '一致' : '不一致'}`));
  if (replay.outcome !== 'matched') throw new Error('the replay gave another result');
}

function farewell(server: Server, cast: Cast, seconds: number): void {
  const home = relative(process.cwd(), server.home);
  terminal.chapter(text(`Done in ${seconds.toFixed(0)} seconds. To explore with the same data:`, `用时 ${seconds.toFixed(0)} 秒。继续使用这些数据：`));
  terminal.show([
    `SLUICE_HOME=${home} npm run sluice -- serve`,
    `npm run sluice -- login li.na          # ${terminal.language === 'en' ? 'passwords are in' : '密码见'} ${relative(process.cwd(), cast.passwords)}`,
    'npm run sluice -- grant list',
    'npm run sluice -- job submit --wait --grant GRANT -e "SELECT district, count(*) FROM residents GROUP BY district"',
    `npm run sluice -- help`,
  ].join('\n'));
  terminal.say(text(`Nothing but ${home} was written; delete it when you are done.`, `全部内容均写入 ${home}，用毕可删除。`));
}

const { values: options } = parseArgs({ options: { below: { type: 'string', default: 'var' }, scale: { type: 'string', default: '1' } } });
const server = new Server(newHome(options.below), await freePort());
const interrupted = (): void => void server.stop().then(() => process.exit(130));
process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
try {
  await story(server, Number(options.scale));
} catch (error) {
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  await server.stop();
}
