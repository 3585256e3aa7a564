/** A whole story as events: two agency people publish a policy, an operator is granted, asks, downloads; an auditor replays. */
import { canonical, digestOf, type Digest } from '#contract/canonical.ts';
import { nextHead } from '#contract/chain.ts';
import type { Commitment } from '#contract/commitment.ts';
import { type Actor, Event, type EventBody, type EventKind, type EventOf } from '#contract/event.ts';
import { newId } from '#contract/id.ts';
import { countingRandom } from './store.ts';

const random = countingRandom('story');
const id = <T>(prefix: string) => newId(prefix, random) as T;
const commitment = (of: string) => digestOf(of) as string as Commitment;

type Ids = EventOf<'job.accepted'>['body'] & EventOf<'application.submitted'>['body'] & EventOf<'account.created'>['body'] & EventOf<'policy.proposed'>['body'];
const organisation = id<Ids['organisation']>('org');
const provider = id<Ids['provider']>('org');
const proposal = id<Ids['proposal']>('prop');
const application = id<Ids['application']>('app');
const grant = id<Ids['grant']>('grant');
export const job = id<Ids['job']>('job');
export const heldJob = id<Ids['job']>('job');
export const entry = id<EventOf<'ledger.entered'>['body']['entry']>('entry');
const people = { proposer: 'agency', approver: 'agency', third: 'agency', operator: 'operator', auditor: 'auditor' } as const;
const ids = Object.fromEntries(Object.keys(people).map((who) => [who, id('acct')])) as Record<keyof typeof people, Ids['account']>;

export const CONSOLE: Actor = { id: 'console', role: 'administrator', via: 'console' };
const SYSTEM: Actor = { id: 'system', role: 'system', via: 'system' };
export const actorOf = (who: keyof typeof people): Actor => ({ id: ids[who], role: people[who], via: 'session' });

const terms = { organisation, provider, columns: ['city.residents.age'], purpose: 'planning', sharing: 'statistics' as const, until: '2027-01-01T00:00:00.000Z' };
const policy = { proposal, policy: 'city-policy', version: 1, dataset: 'city', document: digestOf('policy') };
const datasetVersion = { manifest: digestOf('manifest'), snapshot: digestOf('snapshot'), report: digestOf('report'), bytes: 1 };
const blob = `blob_${'0'.repeat(26)}`;
const listed = nextHead(null, digestOf('batch'));
const accepted = (of: Ids['job'], withdrawals: Digest | null = null): EventBody => ({
  kind: 'job.accepted', job: of, grant, grantVersion: 1, terms: digestOf('terms'), organisation, provider, sql: commitment(of), withdrawals, program: '1',
  datasets: [{ dataset: 'city', version: 1, manifest: digestOf('manifest'), snapshot: digestOf('snapshot'), policy: digestOf('policy'), policyVersion: 1 }],
});
const entered = [digestOf('head after the entry'), digestOf('head after its withdrawal')] as const;
const heads = [null, digestOf('first head'), digestOf('second head')] as const;
const out = { cost: { gates: 1, cells: 1, rows: 1 }, withheld: 0, result: blob };
const answer = (of: Ids['job'], attempt: number, place: 0 | 1) => ({
  job: of, attempt, digest: digestOf(of), executed: digestOf('sql'), engine: 'e', program: '1', evidence: null, ledgerHead: heads[place], ledger: { head: heads[place + 1] as typeof heads[1], delta: blob },
});

export interface Told { readonly actor: Actor; readonly time: string; readonly body: EventBody }

/** Every kind of this story in order; at 2026-01-01, one second apart. */
export function story(): Told[] {
  const told: [Actor, EventBody][] = [
    ...(Object.keys(people) as (keyof typeof people)[]).map((who): [Actor, EventBody] =>
      [CONSOLE, { kind: 'account.created', account: ids[who], organisation: people[who] === 'agency' ? provider : organisation, role: people[who], login: commitment(`login ${who}`), name: commitment(who) }]),
    [actorOf('proposer'), { kind: 'dataset.registered', dataset: 'city', organisation: provider, ...datasetVersion }],
    [actorOf('proposer'), { kind: 'perturbation-table.loaded', table: digestOf('table'), name: 'census', organisation: provider, noise: { from: 1, variance: '4', maxDeviation: 3, below: null } }],
    [actorOf('proposer'), { kind: 'policy.proposed', ...policy, base: null, loosens: false, approvalsNeeded: 1, tests: digestOf('tests'), perturbationTable: digestOf('table') }],
    [actorOf('proposer'), { kind: 'policy.tested', proposal, tests: digestOf('tests'), snapshot: datasetVersion.snapshot, passed: 2, failed: 0, report: commitment('report') }],
    [actorOf('approver'), { kind: 'policy.approved', ...policy, approvers: [ids.approver] }],
    [actorOf('operator'), { kind: 'application.submitted', application, ...terms, text: commitment('text') }],
    [actorOf('approver'), { kind: 'application.approved', application, grant }],
    [actorOf('approver'), { kind: 'grant.issued', grant, application, ...terms, terms: digestOf('terms') }],
    [actorOf('operator'), accepted(job)],
    [SYSTEM, { kind: 'job.started', job, attempt: 1, program: '1' }],
    [SYSTEM, { kind: 'job.interrupted', job, attempt: 1, cause: 'restart' }],
    [SYSTEM, { kind: 'job.started', job, attempt: 2, program: '1' }],
    [SYSTEM, { kind: 'job.released', ...answer(job, 2, 0), ...out }],
    [actorOf('operator'), { kind: 'result.downloaded', job, format: 'csv', digest: digestOf(job) }],
    [actorOf('approver'), { kind: 'ledger.entered', entry, dataset: 'city', snapshot: datasetVersion.snapshot, policy: policy.document, source: commitment('yearbook'), cells: 4, published: digestOf('published'), ledgerHead: heads[1], ledger: { head: entered[0], delta: blob } }],
    [actorOf('proposer'), { kind: 'ledger.withdrawal-proposed', entry, dataset: 'city', reason: commitment('wrong year') }],
    [actorOf('approver'), { kind: 'ledger.withdrawal-ended', entry, dataset: 'city', reason: commitment('right year') }],
    [actorOf('proposer'), { kind: 'ledger.withdrawal-proposed', entry, dataset: 'city', reason: commitment('wrong table') }],
    [actorOf('approver'), { kind: 'ledger.withdrawal-endorsed', entry, dataset: 'city' }],
    [actorOf('third'), { kind: 'ledger.entry-withdrawn', entry, dataset: 'city', withdrawal: id('unentry'), approvers: [ids.approver, ids.third], ledgerHead: entered[0], ledger: { head: entered[1], delta: blob } }],
    [actorOf('approver'), { kind: 'units.withdrawn', batch: id('batch'), dataset: 'city', unit: 'person', ground: 'consent', units: 3, withdrawals: null, list: { head: listed, addition: digestOf('batch'), delta: blob } }],
    [actorOf('operator'), accepted(heldJob, listed)],
    [SYSTEM, { kind: 'job.started', job: heldJob, attempt: 1, program: '1' }],
    [SYSTEM, { kind: 'job.held', ...answer(heldJob, 1, 1), ledgerHead: entered[1], withdrawals: listed, held: blob, reviewers: 2 }],
    [actorOf('approver'), { kind: 'release.voted', job: heldJob, vote: commitment('vote of approver') }],
    [actorOf('proposer'), { kind: 'release.voted', job: heldJob, vote: commitment('vote of proposer') }],
    [actorOf('proposer'), { kind: 'release.approved', job: heldJob, reason: commitment('reason'), votes: [{ account: ids.approver, decision: 'approve' }, { account: ids.proposer, decision: 'approve' }], ...out }],
    [actorOf('auditor'), { kind: 'replay.matched', replay: id('rep'), job, expected: digestOf(job), actual: digestOf(job), program: '1', programDiffers: false }],
  ];
  return told.map(([actor, body], i) => ({ actor, body, time: new Date(Date.UTC(2026, 0, 1, 0, 0, i)).toISOString() }));
}

/** Events as the log would hold them; `seq` is the place. */
export const events = (told: readonly Told[]): Event[] => told.map((one, seq) => Event.parse({ v: 1, seq, ...one }));

export const entries = (all: readonly Event[]): Uint8Array[] => all.map((event) => Buffer.from(canonical(event)));

/** Position of the n-th event of a kind. */
export function find(told: readonly Told[], kind: EventKind, n = 0): number {
  const at = told.map((one, i) => (one.body.kind === kind ? i : -1)).filter((i) => i >= 0)[n];
  if (at === undefined) throw new Error(`the story has no ${kind}`);
  return at;
}

export { ids as accountIds, organisation, grant, application, proposal, commitment };
