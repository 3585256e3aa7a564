/** Release policies: one person proposes a version, another approves it. */
import { z } from 'zod';
import { PolicyDiffView, PolicyState, PolicySummary, PolicyTestsView, PolicyView } from '#contract/api/policies.ts';
import { checkPolicy } from '#contract/policy-check.ts';
import { PolicyTestFile } from '#contract/policy-tests.ts';
import { Policy } from '#contract/policy.ts';
import { ok } from '#contract/result.ts';
import { text } from '#contract/text.ts';
import { actionCommand } from '../action.ts';
import { call } from '../client.ts';
import { command, type Command } from '../command.ts';
import { readDocument } from '../files.ts';
import type { Session } from '../io.ts';
import { fields, listCommand } from '../listing.ts';
import { STATUS, usage, type Outcome } from '../outcome.ts';
import { inLanguage } from '../output/result.ts';
import { namesOf, readTableFiles, TABLE_FILES } from '../perturbation-file.ts';
import { readManifest } from '../trial/plan.ts';
import { hierarchyLevels } from '../trial/policy-problems.ts';

const path = (id: string) => `/policies/${id}`;
/** Of an answer with the whole document, what a decision is about. */
const Brief = z.object(PolicySummary.shape);

function showPolicy(session: Session, policy: PolicyView): void {
  if (session.json) session.out(`${JSON.stringify(policy)}\n`);
  else {
    const { document, ...facts } = policy;
    session.out(`${fields(facts, session.language)}\n${JSON.stringify(document, null, 2)}\n`);
  }
}

const check = command({
  name: 'policy check',
  summary: text('check a policy against a dataset, without a server', '离线检查策略与数据集是否相符'),
  positionals: [{ name: 'FILE' }],
  options: {
    dataset: { type: 'value', value: 'DIR', required: true, help: text('directory with dataset.json; its data are not read', '含 dataset.json 的目录；不读取数据') },
    'perturbation-table': TABLE_FILES,
  },
  examples: ['policy check policies/city-statistics.json --dataset datasets/city'],
  run: async (session, { dataset, 'perturbation-table': files }, [file = '']): Promise<Outcome> => {
    const policy = await readDocument(session, file, Policy);
    if (!policy.ok) return policy;
    const read = await readManifest(session, dataset);
    if (!read.ok) return read;
    const levels = await hierarchyLevels(read.value.directory, read.value.manifest);
    if (!levels.ok) return levels;
    const tables = await readTableFiles(session, files);
    if (!tables.ok) return tables;
    const { language } = session;
    const problems = checkPolicy(policy.value, read.value.manifest, { levels: levels.value, tables: namesOf(tables.value) });
    if (session.json) session.out(`${JSON.stringify({ problems: inLanguage(problems, language) })}\n`);
    else if (problems.length === 0) session.out(`${text(`${file} can be proposed for the dataset "${policy.value.dataset}".`, `${file} 可作为数据集“${policy.value.dataset}”的策略提出。`)[language]}\n`);
    else for (const { path: place, message, code } of problems) session.out(`${place}: ${message[language]} (${code})\n`);
    return ok(problems.length === 0 ? STATUS.done : STATUS.refused);
  },
});

export const POLICY_COMMANDS: readonly Command[] = [
  check,
  command({
    name: 'policy propose',
    summary: text('propose a version of a release policy; another person approves it', '提出发布策略版本，由他人审批'),
    positionals: [{ name: 'FILE' }],
    options: { tests: { type: 'value', value: 'FILE', help: text('its tests; they have to pass before it is approved (default: those of the version in force)', '策略测试，批准前须全部通过（默认沿用现行版本的测试）') } },
    examples: ['policy propose policies/city-statistics.json', 'policy propose draft.json --tests draft.tests.json'],
    run: async (session, options, [file = '']): Promise<Outcome> => {
      const policy = await readDocument(session, file, Policy);
      if (!policy.ok) return policy;
      const tests = options.tests === undefined ? ok(null) : await readDocument(session, options.tests, PolicyTestFile);
      if (!tests.ok) return tests;
      if (tests.value !== null && tests.value.dataset !== policy.value.dataset) {
        return usage(`The tests are for the dataset "${tests.value.dataset}", the policy for "${policy.value.dataset}".`, `测试针对数据集“${tests.value.dataset}”，策略针对“${policy.value.dataset}”。`);
      }
      const proposed = await call(session, 'POST', '/policies', PolicyView, { body: { ...policy.value, ...(tests.value !== null && { tests: tests.value.tests }) } });
      if (!proposed.ok) return proposed;
      showPolicy(session, proposed.value);
      if ((proposed.value.tests ?? 0) > 0) await warnOfFailing(session, proposed.value.proposal);
      return ok(STATUS.done);
    },
  }),
  actionCommand({ name: 'policy approve', summary: text("approve another person's proposal; it comes into force", '批准他人提出的策略，策略随即生效'), id: 'PROPOSAL', path: (id) => `${path(id)}/approve`, answer: Brief, example: 'prop_…' }),
  actionCommand({ name: 'policy reject', summary: text('reject a proposal', '驳回提案'), id: 'PROPOSAL', path: (id) => `${path(id)}/reject`, answer: Brief, reason: true, example: 'prop_…' }),
  actionCommand({ name: 'policy retract', summary: text('take an own proposal back', '撤回自己的提案'), id: 'PROPOSAL', path: (id) => `${path(id)}/retract`, answer: Brief, example: 'prop_…' }),
  listCommand({
    name: 'policy list',
    summary: text('versions of release policies', '发布策略各版本'),
    path: '/policies',
    item: PolicySummary,
    filters: {
      dataset: { type: 'value', value: 'DATASET', help: text('only of this dataset', '仅此数据集') },
      state: { type: 'value', value: PolicyState.options.join('|'), oneOf: PolicyState.options, help: text('only in this state', '仅此状态') },
    },
    columns: [
      { title: text('proposal', '提案标识'), show: (one) => one.proposal },
      { title: text('policy', '策略'), show: (one) => `${one.policy}@${one.version}` },
      { title: text('dataset', '数据集'), show: (one) => one.dataset },
      { title: text('state', '状态'), show: (one) => one.state },
      { title: text('approvals', '已批准/需批准'), show: (one) => `${one.approvals}/${one.approvalsNeeded}` },
      { title: text('looser', '放宽'), show: (one, language) => (one.loosens ? text('yes', '是') : text('no', '否'))[language] },
    ],
  }),
  command({
    name: 'policy show',
    summary: text('one version of a policy with its document', '查看策略版本及其文档'),
    positionals: [{ name: 'PROPOSAL' }],
    options: {},
    examples: ['policy show prop_…'],
    run: async (session, _options, [id = '']): Promise<Outcome> => {
      const found = await call(session, 'GET', path(encodeURIComponent(id)), PolicyView);
      if (!found.ok) return found;
      showPolicy(session, found.value);
      return ok(STATUS.done);
    },
  }),
  command({
    name: 'policy diff',
    summary: text('what a version changes, and whether each change is looser or stricter', '比较策略版本，并指明各处变化是放宽还是收紧'),
    positionals: [{ name: 'PROPOSAL' }],
    options: { against: { type: 'value', value: 'PROPOSAL', help: text('compare with this version (default: the one in force when it was proposed)', '与此版本比较（默认：提出时生效的版本）') } },
    examples: ['policy diff prop_…'],
    run: async (session, { against }, [id = '']): Promise<Outcome> => {
      const diff = await call(session, 'GET', `${path(encodeURIComponent(id))}/diff`, PolicyDiffView, { query: { against } });
      if (!diff.ok) return diff;
      const { language } = session;
      if (session.json) session.out(`${JSON.stringify(diff.value)}\n`);
      else if (diff.value.changes.length === 0) session.out(`${text('Nothing changes.', '没有变化。')[language]}\n`);
      else for (const { path: place, before, after, direction } of diff.value.changes) session.out(`${place}: ${before ?? '—'} → ${after ?? '—'} (${DIRECTIONS[direction][language]})\n`);
      return ok(STATUS.done);
    },
  }),
];

/** The version is proposed either way; whoever proposed it should not learn from the approver that it cannot be approved. */
async function warnOfFailing(session: Session, proposal: string): Promise<void> {
  const tests = await call(session, 'GET', `${path(proposal)}/tests`, PolicyTestsView);
  const failing = tests.ok ? (tests.value.run?.results ?? []).filter(({ passed }) => !passed) : [];
  if (failing.length === 0) return;
  const { language } = session;
  session.err(`${text('It cannot be approved as long as these tests fail:', '下列测试未通过，该版本不能批准：')[language]}\n`);
  for (const { name, message } of failing) session.err(`✗ ${name}: ${message?.[language] ?? ''}\n`);
}

const DIRECTIONS = {
  looser: text('looser', '放宽'),
  stricter: text('stricter', '收紧'),
  other: text('neither looser nor stricter', '非放宽亦非收紧'),
} as const;
