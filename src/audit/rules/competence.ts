/** Rules on who may do what: the role, and the side of the matter that the actor's organisation is on. */
import type { Event, EventKind } from '#contract/event.ts';
import { text } from '#contract/text.ts';
import type { Finding, Rule } from './rule.ts';

/** `applicant`: the operator that asks. `provider`: the agency whose data it is. `service`: the service by itself. */
type Competence = 'applicant' | 'provider' | 'administrator' | 'service';

/** null: several may, depending on what it follows from; other rules and the services see to those. */
const COMPETENT = {
  'organisation.created': 'administrator',
  'account.created': 'administrator',
  'account.disabled': 'administrator',
  'account.enabled': 'administrator',
  'password.set': null,
  'session.opened': null,
  'session.closed': null,
  'login.failed': null,
  'login.locked': null,
  'token.issued': null,
  'token.revoked': null,
  'dataset.registered': 'provider',
  'dataset.updated': 'provider',
  'dataset.suspended': 'provider',
  'dataset.resumed': 'provider',
  'dataset.withdrawn': 'provider',
  'units.withdrawn': 'provider',
  'units.reinstated': 'provider',
  'perturbation-table.loaded': 'provider',
  'policy.proposed': 'provider',
  'policy.tested': 'provider',
  'policy.tried': 'provider',
  'policy.endorsed': 'provider',
  'policy.approved': 'provider',
  'policy.rejected': 'provider',
  'policy.retracted': 'provider',
  'application.submitted': 'applicant',
  'application.approved': 'provider',
  'application.rejected': 'provider',
  'application.withdrawn': 'applicant',
  'grant.issued': 'provider',
  'grant.suspended': 'provider',
  'grant.resumed': 'provider',
  'grant.revoked': 'provider',
  'request.denied': null,
  'ledger.entered': 'provider',
  'ledger.withdrawal-proposed': 'provider',
  'ledger.withdrawal-endorsed': 'provider',
  'ledger.withdrawal-ended': 'provider',
  'ledger.entry-withdrawn': 'provider',
  'job.accepted': 'applicant',
  'job.started': 'service',
  'job.interrupted': 'service',
  'job.released': 'service',
  'job.held': 'service',
  'job.refused': 'service',
  'job.failed': 'service',
  'job.cancelled': null,
  'release.voted': 'provider',
  'release.approved': 'provider',
  'release.rejected': 'provider',
  'release.withdrawn': null,
  'release.viewed': 'provider',
  'release.altered': 'provider',
  'result.downloaded': 'applicant',
  'replay.matched': null,
  'replay.differed': null,
  'replay.failed': null,
  'service.started': null,
  'service.stopped': null,
  'key.committed': null,
  'text.shredded': null,
  'log.exported': null,
} as const satisfies Record<EventKind, Competence | null>;

const NAMES = {
  applicant: text('the operator who applied', '提出申请的运营单位'),
  provider: text('the agency that provides the data', '数据提供单位'),
  administrator: text('an administrator', '管理员'),
  service: text('the service itself', '系统自身'),
} as const satisfies Record<Competence, { en: string; zh: string }>;

interface Parties { readonly applicant: string | null; readonly provider: string }

export const competence: Rule = {
  name: 'competence',
  claim: text('everything was done by somebody of the right role, in an organisation concerned by it', '每项操作均由角色相符、且所属单位与之相关的人员完成'),
  start: () => {
    const organisations = new Map<string, string>();
    /** By id of dataset, proposal, application, grant or job. */
    const matters = new Map<string, Parties>();
    return (event) => {
      const { body } = event;
      if (body.kind === 'account.created') organisations.set(body.account, body.organisation);
      const parties = partiesOf(body, matters);
      const needed = body.kind === 'release.withdrawn' && body.cause === 'agency' ? 'provider' : COMPETENT[body.kind];
      return needed === null ? undefined : judge(event, needed, parties, organisations.get(event.actor.id));
    };
  },
};

function judge({ actor }: Event, needed: Competence, parties: Parties | undefined, organisation: string | undefined): Finding {
  const right = {
    applicant: () => actor.role === 'operator' && organisation !== undefined && organisation === parties?.applicant,
    provider: () => actor.role === 'agency' && organisation !== undefined && organisation === parties?.provider,
    administrator: () => actor.role === 'administrator' || actor.via === 'console',
    service: () => actor.via === 'system',
  } satisfies Record<Competence, () => boolean>;
  if (right[needed]()) return 'holds';
  return text(`only ${NAMES[needed].en} may do this; ${actor.id} did it as ${actor.role}`, `只有${NAMES[needed].zh}可以进行此操作；${actor.id} 以 ${actor.role} 身份进行了操作`);
}

/** Between whom a matter is, remembered from the event that opened it. */
function partiesOf(body: Event['body'], matters: Map<string, Parties>): Parties | undefined {
  switch (body.kind) {
    case 'dataset.registered': return remember(matters, body.dataset, { applicant: null, provider: body.organisation });
    case 'perturbation-table.loaded': return { applicant: null, provider: body.organisation };
    case 'policy.proposed': return remember(matters, body.proposal, matters.get(body.dataset));
    case 'application.submitted': return remember(matters, body.application, { applicant: body.organisation, provider: body.provider });
    case 'grant.issued': return remember(matters, body.grant, matters.get(body.application));
    case 'job.accepted': return remember(matters, body.job, matters.get(body.grant));
    default: {
      const subject = 'job' in body ? body.job : 'application' in body ? body.application : 'grant' in body ? body.grant
        : 'proposal' in body ? body.proposal : 'dataset' in body ? body.dataset : undefined;
      return subject === undefined ? undefined : matters.get(subject);
    }
  }
}

function remember(matters: Map<string, Parties>, id: string, parties: Parties | undefined): Parties | undefined {
  if (parties !== undefined) matters.set(id, parties);
  return parties;
}
