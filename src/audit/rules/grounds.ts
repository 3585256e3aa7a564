/** Rules on what a job and its release stand on: grant, dataset and policy, all in force at that moment. */
import type { Event } from '#contract/event.ts';
import { type Text, text } from '#contract/text.ts';
import { type Finding, type Rule, rule } from './rule.ts';

type Of<Kind extends Event['body']['kind']> = Extract<Event['body'], { kind: Kind }>;

interface Grant { version: number; readonly terms: string; readonly datasets: ReadonlySet<string>; readonly until: string; state: 'active' | 'suspended' | 'revoked' }
interface Dataset { version: number; manifest: string; snapshot: string; policy: string | null; policyVersion: number; state: 'active' | 'suspended' | 'withdrawn' }

export const grantsFromApplications = rule(
  'grants',
  text('every grant was issued on an approved application and gives nothing that was not asked for', '每项授权均基于已批准的申请，且不超出申请范围'),
  () => {
    const applications = new Map<string, Of<'application.submitted'>>();
    const approved = new Map<string, string>();
    return {
      'application.submitted': ({ body }) => void applications.set(body.application, body),
      'application.approved': ({ body }) => {
        if (!applications.has(body.application)) return text('an application is approved that nobody made', '被批准的申请从未提出');
        approved.set(body.grant, body.application);
        return 'holds';
      },
      'grant.issued': ({ body }) => {
        const application = applications.get(body.application);
        if (application === undefined || approved.get(body.grant) !== body.application) return text('a grant is issued without an approved application', '授权的签发没有已批准的申请');
        const more = body.columns.some((column) => !application.columns.includes(column)) || body.until > application.until
          || body.organisation !== application.organisation || body.provider !== application.provider || body.purpose !== application.purpose || body.sharing !== application.sharing;
        return more ? text('a grant gives more than was asked for', '授权超出了申请范围') : 'holds';
      },
    };
  },
);

/** State of grants and datasets as the log has told it so far. */
class Grounds {
  readonly grants = new Map<string, Grant>();
  readonly datasets = new Map<string, Dataset>();

  take({ body }: Event): void {
    switch (body.kind) {
      case 'grant.issued':
        this.grants.set(body.grant, { version: 1, terms: body.terms, datasets: new Set(body.columns.map((column) => column.slice(0, column.indexOf('.')))), until: body.until, state: 'active' });
        break;
      case 'grant.suspended':
      case 'grant.resumed':
      case 'grant.revoked': {
        const grant = this.grants.get(body.grant);
        if (grant === undefined) break;
        grant.version = body.version;
        grant.state = body.kind === 'grant.suspended' ? 'suspended' : body.kind === 'grant.resumed' ? 'active' : 'revoked';
        break;
      }
      case 'dataset.registered':
        this.datasets.set(body.dataset, { version: 1, manifest: body.manifest, snapshot: body.snapshot, policy: null, policyVersion: 0, state: 'active' });
        break;
      case 'dataset.updated': {
        const dataset = this.datasets.get(body.dataset);
        if (dataset !== undefined) Object.assign(dataset, { version: body.version, manifest: body.manifest, snapshot: body.snapshot });
        break;
      }
      case 'dataset.suspended':
      case 'dataset.resumed':
      case 'dataset.withdrawn': {
        const dataset = this.datasets.get(body.dataset);
        if (dataset !== undefined) dataset.state = body.kind === 'dataset.suspended' ? 'suspended' : body.kind === 'dataset.resumed' ? 'active' : 'withdrawn';
        break;
      }
      case 'policy.approved': {
        const dataset = this.datasets.get(body.dataset);
        if (dataset !== undefined) Object.assign(dataset, { policy: body.document, policyVersion: body.version });
        break;
      }
      default:
        // The other kinds say nothing about grants, datasets and policies.
        break;
    }
  }

  /** Why a job of this grant on these datasets may not be accepted or released now; null where it may. */
  objection(id: string, datasets: readonly string[], time: string): Text | null {
    const grant = this.grants.get(id);
    if (grant === undefined) return text('it rests on a grant that was never issued', '其依据的授权从未签发');
    if (grant.state !== 'active') return text(`it rests on a grant that is ${grant.state}`, `其依据的授权已${grant.state === 'revoked' ? '撤销' : '暂停'}`);
    if (time >= grant.until) return text(`it rests on a grant that ended ${grant.until}`, `其依据的授权已于 ${grant.until} 到期`);
    for (const dataset of datasets) {
      const state = this.datasets.get(dataset)?.state;
      if (state !== 'active') return text(`it uses the dataset ${dataset}, which is ${state ?? 'not registered'}`, `其使用的数据集 ${dataset} ${state === undefined ? '未登记' : state === 'withdrawn' ? '已撤回' : '已暂停'}`);
    }
    return null;
  }
}

export const groundedJobs: Rule = {
  name: 'grounded-jobs',
  claim: text('every job was accepted under a grant in force, on the dataset versions and policies in force', '每个作业均在有效授权下受理，并采用当时有效的数据集版本和策略'),
  start: () => {
    const grounds = new Grounds();
    return (event) => {
      grounds.take(event);
      return event.body.kind === 'job.accepted' ? judgeJob(grounds, event.body, event.time) : undefined;
    };
  },
};

function judgeJob(grounds: Grounds, job: Of<'job.accepted'>, time: string): Finding {
  const objection = grounds.objection(job.grant, job.datasets.map(({ dataset }) => dataset), time);
  if (objection !== null) return objection;
  const grant = grounds.grants.get(job.grant)!;
  if (grant.version !== job.grantVersion || grant.terms !== job.terms) return text('it names another version of its grant than the one in force', '其所指授权版本并非当时有效的版本');
  const pinned = new Set<string>(job.datasets.map(({ dataset }) => dataset));
  if (pinned.size !== job.datasets.length || pinned.symmetricDifference(grant.datasets).size > 0) return text('it runs on other datasets than its grant is for', '其所用数据集与授权不符');
  for (const pin of job.datasets) {
    const dataset = grounds.datasets.get(pin.dataset)!;
    if (dataset.version !== pin.version || dataset.manifest !== pin.manifest || dataset.snapshot !== pin.snapshot) {
      return text(`it names another version of ${pin.dataset} than the one in force`, `其所指 ${pin.dataset} 的版本并非当时有效的版本`);
    }
    if (dataset.policy !== pin.policy || dataset.policyVersion !== pin.policyVersion) {
      return text(`it names a policy of ${pin.dataset} that is not the approved one in force`, `其所指 ${pin.dataset} 的策略并非当时有效的已批准策略`);
    }
  }
  return 'holds';
}

export const groundedReleases: Rule = {
  name: 'grounded-releases',
  claim: text('nothing was released under a grant that was suspended, revoked or over, or from a dataset that was not available', '没有在已暂停、已撤销或已到期的授权下，或从不可用的数据集发布任何结果'),
  start: () => {
    const grounds = new Grounds();
    const jobs = new Map<string, { readonly grant: string; readonly datasets: readonly string[] }>();
    return (event) => {
      grounds.take(event);
      const { body } = event;
      switch (body.kind) {
        case 'job.accepted':
          jobs.set(body.job, { grant: body.grant, datasets: body.datasets.map(({ dataset }) => dataset) });
          return undefined;
        case 'job.released':
        case 'job.held':
        case 'release.approved': {
          const job = jobs.get(body.job);
          if (job === undefined) return text('a result of a job that was never accepted', '结果所属的作业从未被受理');
          return grounds.objection(job.grant, job.datasets, event.time) ?? 'holds';
        }
        default:
          return undefined;
      }
    };
  },
};
