import { describe, expect, it } from 'vitest';
import { digestOf } from '#contract/canonical.ts';
import { type Event, type EventBody, type EventKind } from '#contract/event.ts';
import { Story, STORY } from '#src/audit/story.ts';
import { accountIds, actorOf, application, commitment, entry, events, find, grant, heldJob, job, organisation, proposal, story, type Told } from '../support/story.ts';

function hear(all: readonly Event[]) {
  const heard = new Story();
  for (const [seq, event] of all.entries()) heard.hear(event, seq);
  return heard.checks();
}
const failures = (told: readonly Told[]) => hear(events(told)).flatMap(({ name, failure }) => (failure === null ? [] : [{ name, seq: failure.seq }]));

it('an honest story breaks no rule, and puts every rule to the test', () => {
  const checks = hear(events(story()));
  expect(checks.filter(({ failure }) => failure !== null)).toEqual([]);
  for (const { name, checked } of checks) expect(checked, name).toBeGreaterThan(0);
});

/** Changes the n-th event of a kind. */
const alter = (kind: EventKind, change: (one: Told) => Partial<Omit<Told, 'body'>> & { body?: object }, n = 0) => (told: Told[]) => {
  const at = find(told, kind, n);
  const { body, ...rest } = change(told[at]!);
  told[at] = { ...told[at]!, ...rest, body: { ...told[at]!.body, ...body } as EventBody };
  return at;
};
const drop = (kind: EventKind, next: EventKind, n = 0) => (told: Told[]) => {
  told.splice(find(told, kind, n), 1);
  return find(told, next);
};
/** Puts an event before the n-th of a kind. @returns where the rule should notice: that kind, unless `itself`. */
const insert = (body: object, before: EventKind, { n = 0, itself = false, who = 'approver' as keyof typeof accountIds } = {}) => (told: Told[]) => {
  const at = find(told, before, n);
  told.splice(at, 0, { actor: actorOf(who), time: told[at]!.time, body: body as EventBody });
  return itself ? at : at + 1;
};
const append = (body: object, who: keyof typeof accountIds = 'approver') => (told: Told[]) => {
  told.push({ actor: actorOf(who), time: told.at(-1)!.time, body: body as EventBody });
  return told.length - 1;
};
/** The lie is told earlier and shows at the n-th event of a kind. */
const shows = (kind: EventKind, n: number, lie: (told: Told[]) => number) => (told: Told[]) => {
  lie(told);
  return find(told, kind, n);
};
const other = digestOf('something else');
const reason = commitment('reason');
const suspended = { kind: 'grant.suspended', grant, version: 2, reason };
const revoked = { kind: 'grant.revoked', grant, version: 2, reason };
const released = (told: readonly Told[]) => told[find(told, 'job.released')]!.body;

const firstHead = () => (released(story()) as { ledger: { head: string } }).ledger.head;

/** Each lie: the rules that must notice it, the first of them at the place that is returned. */
const LIES: readonly (readonly [string, readonly string[], (told: Told[]) => number])[] = [
  ['an entry from the past', ['time'], alter('job.started', () => ({ time: '2025-12-31T00:00:00.000Z' }))],
  ['somebody without an account', ['known-actors', 'competence'], alter('result.downloaded', () => ({ actor: { id: 'acct_nobody', role: 'operator', via: 'token' } }))],
  ['somebody in another role', ['known-actors', 'competence'], alter('result.downloaded', ({ actor }) => ({ actor: { ...actor, role: 'agency' } }))],
  ['a disabled account', ['known-actors'], (told) => {
    told.splice(find(told, 'result.downloaded'), 0, { ...told[0]!, time: told[find(told, 'result.downloaded')]!.time, body: { kind: 'account.disabled', account: accountIds.operator } });
    return find(told, 'result.downloaded');
  }],
  ['a policy approved by its proposer', ['no-self-approval', 'four-eyes'], alter('policy.approved', () => ({ actor: actorOf('proposer'), body: { approvers: [accountIds.proposer] } }))],
  ['an application approved by the applicant', ['no-self-approval', 'competence'], alter('application.approved', () => ({ actor: actorOf('operator') }))],
  ['a release approved by whoever submitted the job', ['no-self-approval', 'competence'], alter('release.approved', () => ({ actor: actorOf('operator') }))],
  ['a policy that needed two approvals and got one', ['four-eyes'], shows('policy.approved', 0, alter('policy.proposed', () => ({ body: { approvalsNeeded: 2 } })))],
  ['an approver who is named and did not approve', ['four-eyes'], alter('policy.approved', () => ({ body: { approvers: [accountIds.approver, accountIds.auditor] } }))],
  ['another policy approved than proposed', ['four-eyes', 'grounded-jobs'], alter('policy.approved', () => ({ body: { document: other } }))],
  ['a policy approved for another dataset', ['four-eyes'], alter('policy.approved', () => ({ body: { dataset: 'county' } }))],
  ['a policy compared with one that was not in force', ['four-eyes'], shows('policy.approved', 0, alter('policy.proposed', () => ({ body: { base: other } })))],
  ['a rejected policy approved', ['life-cycles'], insert({ kind: 'policy.rejected', proposal, reason }, 'policy.approved')],
  ['a policy approved a second time', ['life-cycles', 'four-eyes'], (told) => append(told[find(told, 'policy.approved')]!.body)(told)],
  ['a withdrawn application approved', ['life-cycles'], insert({ kind: 'application.withdrawn', application }, 'application.approved', { who: 'operator' })],
  ['a revoked grant issued again', ['life-cycles'], (told) => {
    append(revoked)(told);
    return append(told[find(told, 'grant.issued')]!.body)(told);
  }],
  ['a revoked grant resumed', ['life-cycles'], (told) => {
    append(revoked)(told);
    return append({ kind: 'grant.resumed', grant, version: 3, reason })(told);
  }],
  ['a withdrawn dataset registered again', ['life-cycles'], (told) => {
    append({ kind: 'dataset.withdrawn', dataset: 'city', reason })(told);
    return append(told[find(told, 'dataset.registered')]!.body)(told);
  }],
  ['an account given twice, in another role', ['life-cycles'], (told) => {
    told.push({ ...told[0]!, time: told.at(-1)!.time, body: { ...told[0]!.body, role: 'operator' } as EventBody });
    return told.length - 1;
  }],
  ['a policy whose test failed', ['tested-policies'], shows('policy.approved', 0, alter('policy.tested', () => ({ body: { passed: 1, failed: 1 } })))],
  ['a policy tested on another snapshot', ['tested-policies'], shows('policy.approved', 0, alter('policy.tested', () => ({ body: { snapshot: other } })))],
  ['a policy that was not tested', ['tested-policies'], drop('policy.tested', 'policy.approved')],
  ['other tests than the proposed ones', ['tested-policies'], alter('policy.tested', () => ({ body: { tests: other } }))],
  ['a policy under a table that was not loaded', ['perturbation-tables'], drop('perturbation-table.loaded', 'policy.proposed')],
  ['a policy under another table than was loaded', ['perturbation-tables'], alter('policy.proposed', () => ({ body: { perturbationTable: other } }))],
  ['a policy under a table that another agency loaded', ['competence', 'perturbation-tables'], alter('perturbation-table.loaded', () => ({ body: { organisation } }))],
  ['a name given to a second table', ['perturbation-tables'], (told) => {
    const { body } = told[find(told, 'perturbation-table.loaded')]!;
    return append({ ...body, table: other })(told);
  }],
  ['a table loaded by an operator', ['competence'], alter('perturbation-table.loaded', () => ({ actor: actorOf('operator') }))],
  ['a policy approved that nobody proposed', ['four-eyes'], drop('policy.proposed', 'policy.approved')],
  ['a grant without an approval', ['grants'], drop('application.approved', 'grant.issued')],
  ['an approval without an application', ['grants'], drop('application.submitted', 'application.approved')],
  ['a grant for more columns than asked', ['grants'], alter('grant.issued', () => ({ body: { columns: ['city.residents.income'] } }))],
  ['a grant for longer than asked', ['grants'], alter('grant.issued', () => ({ body: { until: '2030-01-01T00:00:00.000Z' } }))],
  ['a grant for another purpose than asked', ['grants'], alter('grant.issued', () => ({ body: { purpose: 'industry' } }))],
  ['a job on a dataset that the grant is not for', ['grounded-jobs'], shows('job.accepted', 0, (told) => {
    for (const kind of ['application.submitted', 'grant.issued'] as const) alter(kind, () => ({ body: { columns: ['county.residents.age'] } }))(told);
    return 0;
  })],
  ['a person acting in the name of the service', ['known-actors'], alter('application.approved', () => ({ actor: { id: 'acct_nobody', role: 'agency', via: 'system' } }))],
  ['a job without a grant', ['grounded-jobs', 'grounded-releases'], drop('grant.issued', 'job.accepted')],
  ['a job under a suspended grant', ['grounded-jobs', 'grounded-releases'], insert(suspended, 'job.accepted')],
  ['a job under a grant that is over', ['grounded-jobs', 'grounded-releases'], shows('job.accepted', 0, alter('grant.issued', () => ({ body: { until: '2026-01-01T00:00:01.000Z' } })))],
  ['a job that pins another snapshot', ['grounded-jobs'], shows('job.accepted', 0, alter('dataset.registered', () => ({ body: { snapshot: other } })))],
  ['a job that pins an older policy', ['grounded-jobs'], shows('job.accepted', 0, alter('policy.approved', () => ({ body: { version: 2 } })))],
  ['a job on a suspended dataset', ['grounded-jobs', 'grounded-releases'], insert({ kind: 'dataset.suspended', dataset: 'city', reason }, 'job.accepted')],
  ['a release after the grant was revoked', ['grounded-releases', 'grounded-jobs'], insert(revoked, 'job.released')],
  ['a release after the grant was suspended', ['grounded-releases', 'grounded-jobs'], insert(suspended, 'job.released')],
  ['a held result approved after the grant was revoked', ['grounded-releases'], insert(revoked, 'release.approved')],
  ['a release from a withdrawn dataset', ['grounded-releases', 'grounded-jobs'], insert({ kind: 'dataset.withdrawn', dataset: 'city', reason }, 'job.released')],
  ['a release of a job that was never accepted', ['attempts', 'grounded-releases'], drop('job.accepted', 'job.started')],
  ['a release of an attempt that was never started', ['attempts'], drop('job.started', 'job.released', 1)],
  ['a release of an older attempt', ['attempts'], alter('job.released', () => ({ body: { attempt: 1 } }))],
  ['an attempt that opens while another runs', ['attempts'], shows('job.started', 1, drop('job.interrupted', 'job.started'))],
  ['an attempt number left out', ['attempts'], alter('job.started', () => ({ body: { attempt: 3 } }), 1)],
  ['a second release', ['attempts', 'single-release'], (told) => append(released(told))(told)],
  ['a second end', ['attempts'], append({ kind: 'job.failed', job, attempt: 2 })],
  ['a job accepted twice', ['attempts'], (told) => append(told[find(told, 'job.accepted')]!.body, 'operator')(told)],
  ['a decision on a result that is out already', ['single-release'], append({ kind: 'release.rejected', job: heldJob, reason, votes: [{ account: accountIds.approver, decision: 'reject' }] })],
  ['a result taken back that is still held', ['single-release'], insert({ kind: 'release.withdrawn', job: heldJob, cause: 'agency', reason }, 'release.approved', { itself: true })],
  ['a result taken back by the operator in the name of the agency', ['competence'], append({ kind: 'release.withdrawn', job, cause: 'agency', reason }, 'operator')],
  ['a reviewer who votes twice', ['reviews'], alter('release.voted', () => ({ actor: actorOf('approver') }), 1)],
  ['one reviewer where two are asked for', ['reviews'], shows('release.approved', 0, (told) => {
    const at = drop('release.voted', 'release.approved')(told);
    return alter('release.approved', () => ({ body: { votes: [{ account: accountIds.proposer, decision: 'approve' }] } }))(told) && at;
  })],
  ['a vote that is named and was not cast', ['reviews'], shows('release.approved', 0, drop('release.voted', 'release.approved'))],
  ['a result let out against a vote', ['reviews'], alter('release.approved', () => ({ body: { votes: [{ account: accountIds.approver, decision: 'reject' }, { account: accountIds.proposer, decision: 'approve' }] } }))],
  ['a held result of which the log tells something', ['sealed-holds'], alter('job.held', () => ({ body: { withheld: 3 } }))],
  ['a held result stored in clear to the service', ['sealed-holds'], alter('job.held', ({ body }) => ({ body: { held: undefined, result: (body as { held: string }).held } }))],
  ['a held result let out that the data plane did not open', ['sealed-holds'], alter('release.approved', () => ({ body: { result: undefined } }))],
  ['a result found altered that was never held', ['sealed-holds'], append({ kind: 'release.altered', job })],
  ['a download of a held result', ['single-release'], insert({ kind: 'result.downloaded', job: heldJob, format: 'csv', digest: digestOf(heldJob) }, 'release.approved', { itself: true, who: 'operator' })],
  ['a download of something else', ['single-release'], alter('result.downloaded', () => ({ body: { digest: other } }))],
  ['a release computed on an older ledger', ['ledger'], alter('job.held', () => ({ body: { ledgerHead: null } }))],
  ['a ledger put back to an earlier state', ['ledger'], alter('job.held', ({ body }) => ({ body: { ledger: { ...(body as { ledger: object }).ledger, head: firstHead() } } }))],
  ['an entry put into an older ledger', ['ledger'], alter('ledger.entered', () => ({ body: { ledgerHead: null } }))],
  ['an entry withdrawn from an older ledger', ['ledger'], alter('ledger.entry-withdrawn', () => ({ body: { ledgerHead: firstHead() } }))],
  ['an entry withdrawn by two', ['entry-withdrawals', 'life-cycles'], drop('ledger.withdrawal-endorsed', 'ledger.entry-withdrawn')],
  ['an entry withdrawn by whoever proposed it', ['entry-withdrawals'], alter('ledger.entry-withdrawn', () => ({ actor: actorOf('proposer'), body: { approvers: [accountIds.approver, accountIds.proposer] } }))],
  ['a withdrawal approved by whoever proposed it', ['entry-withdrawals'], alter('ledger.withdrawal-endorsed', () => ({ actor: actorOf('proposer') }))],
  ['a withdrawal approved twice by one person', ['entry-withdrawals'], alter('ledger.entry-withdrawn', () => ({ actor: actorOf('approver') }))],
  ['a withdrawal that names an approver who did not approve', ['entry-withdrawals'], alter('ledger.entry-withdrawn', () => ({ body: { approvers: [accountIds.auditor, accountIds.third] } }))],
  ['a withdrawal approved before it was ended and proposed anew', ['entry-withdrawals', 'life-cycles'], (told) => {
    const ended = told[find(told, 'ledger.withdrawal-ended')]!;
    const proposed = told[find(told, 'ledger.withdrawal-proposed', 1)]!;
    const at = find(told, 'ledger.entry-withdrawn');
    told.splice(at, 0, { ...ended, time: told[at]!.time }, { ...proposed, time: told[at]!.time });
    return at + 2;
  }],
  ['an entry withdrawn that was never made', ['entry-withdrawals', 'life-cycles'], drop('ledger.entered', 'ledger.withdrawal-proposed')],
  ['an entry withdrawn in the name of another dataset', ['entry-withdrawals', 'competence'], alter('ledger.withdrawal-proposed', () => ({ body: { dataset: 'county' } }))],
  ['an entry of an older version withdrawn', ['entry-withdrawals'], shows('ledger.withdrawal-proposed', 0, alter('ledger.entered', () => ({ body: { published: undefined } })))],
  ['an entry withdrawn again', ['life-cycles'], append({ kind: 'ledger.withdrawal-endorsed', entry, dataset: 'city' })],
  ['an entry made by an operator', ['competence'], alter('ledger.entered', () => ({ actor: actorOf('operator') }))],
  ['a job accepted on a list that leaves a batch out', ['withdrawals'], alter('job.accepted', () => ({ body: { withdrawals: null } }), 1)],
  ['a job accepted on a list that there never was', ['withdrawals'], alter('job.accepted', () => ({ body: { withdrawals: other } }))],
  ['a result computed on an older list', ['withdrawals'], alter('job.held', () => ({ body: { withdrawals: null } }))],
  ['a result that came after units withdrew, computed before', ['withdrawals'], (told) => {
    told.splice(find(told, 'job.released'), 0, ...told.splice(find(told, 'units.withdrawn'), 1));
    told.forEach((one, i) => { told[i] = { ...one, time: told[0]!.time }; });
    return find(told, 'job.released');
  }],
  ['a batch added to a list that was not there', ['withdrawals'], alter('units.withdrawn', () => ({ body: { withdrawals: other } }))],
  ['a batch that leads to another head', ['withdrawals'], alter('units.withdrawn', ({ body }) => ({ body: { list: { ...(body as { list: object }).list, addition: other } } }))],
  ['a batch that was taken out of the log', ['withdrawals'], (told) => { told.splice(find(told, 'units.withdrawn'), 1); return find(told, 'job.accepted', 1); }],
  ['units withdrawn by another agency', ['competence'], alter('units.withdrawn', () => ({ actor: actorOf('operator') }))],
  ['an account made by an agency', ['competence'], alter('account.created', () => ({ actor: actorOf('proposer') }), 3)],
  ['a grant suspended by the operator', ['competence'], append(suspended, 'operator')],
  ['an attempt ended by hand', ['competence'], alter('job.released', () => ({ actor: actorOf('approver') }))],
  ['an agency that approves for another', ['competence'], shows('policy.approved', 0, alter('account.created', () => ({ body: { organisation } }), 1))],
  ['a replay compared with another digest', ['replays'], alter('replay.matched', () => ({ body: { expected: other, actual: other } }))],
  ['a replay called a match that is none', ['replays'], alter('replay.matched', () => ({ body: { actual: other } }))],
];

describe('a lie is noticed', () => {
  it.each(LIES)('%s', (_, rules, lie) => {
    const told = story();
    const at = lie(told);
    const found = failures(told);
    // Others may notice consequences of the lie.
    expect(found.map(({ name }) => name)).toEqual(expect.arrayContaining([...rules]));
    expect(found.find(({ name }) => name === rules[0])?.seq).toBe(at);
  });

  it('a number that is not the place', () => {
    const all = events(story()).map((event, i) => (i >= 5 ? { ...event, seq: event.seq + 1 } : event));
    expect(hear(all).find(({ name }) => name === 'sequence')?.failure?.seq).toBe(5);
  });

  it('by every rule there is', () => {
    const caught = new Set([...LIES.flatMap(([, rules]) => rules), 'sequence']);
    expect([...caught].sort()).toEqual(STORY.map(({ name }) => name).sort());
  });
});

it('a log cut while a job runs is no lie', () => {
  const told = story();
  expect(failures(told.slice(0, find(told, 'job.released')))).toEqual([]);
});
