/** Rule on beginnings and ends: every id is given once, every step is one of its life cycle, and nothing comes back from an end. */
import type { Event } from '#contract/event.ts';
import { text } from '#contract/text.ts';
import { APPLICATION_TRANSITIONS, DATASET_TRANSITIONS, GRANT_TRANSITIONS, LEDGER_ENTRY_TRANSITIONS, POLICY_TRANSITIONS } from '#src/approvals/transitions.ts';
import { nextState, type Transitions } from '#src/transitions.ts';
import type { Finding, Rule } from './rule.ts';

/** Where things stand in one of the tables. */
class Lives<State extends string, Action extends string> {
  readonly #table: Transitions<State, Action>;
  readonly #states = new Map<string, State>();

  constructor(table: Transitions<State, Action>) {
    this.#table = table;
  }

  begin(id: string): Finding {
    const [first] = Object.keys(this.#table) as State[];
    if (first === undefined || this.#states.has(id)) return text(`${id} begins twice`, `${id} 重复开始`);
    this.#states.set(id, first);
    return 'holds';
  }

  step(id: string, action: Action): Finding {
    const state = this.#states.get(id);
    if (state === undefined) return text(`${action} of ${id}, which never began`, `${id} 从未开始，却发生了 ${action}`);
    const next = nextState(this.#table, state, action);
    if (next === null) return text(`${action} of ${id}, which is ${state}`, `${id} 状态为 ${state}，却发生了 ${action}`);
    this.#states.set(id, next);
    return 'holds';
  }
}

export const lifeCycles: Rule = {
  name: 'life-cycles',
  claim: text('every id was given once, and what was withdrawn, revoked, rejected or superseded stayed so', '每个编号仅使用一次；已撤回、撤销、驳回或被取代的事项未再恢复'),
  start: () => {
    const accounts = new Set<string>();
    const datasets = new Lives(DATASET_TRANSITIONS);
    const proposals = new Lives(POLICY_TRANSITIONS);
    const applications = new Lives(APPLICATION_TRANSITIONS);
    const grants = new Lives(GRANT_TRANSITIONS);
    const entries = new Lives(LEDGER_ENTRY_TRANSITIONS);
    /** By dataset or grant: versions go up by one. */
    const versions = new Map<string, number>();
    /** The proposal in force, by dataset. */
    const inForce = new Map<string, string>();
    const versioned = (id: string, version: number, step: () => Finding): Finding => {
      if (version !== (versions.get(id) ?? 0) + 1) return text(`version ${version} of ${id} follows version ${versions.get(id) ?? 0}`, `${id} 的第 ${versions.get(id) ?? 0} 版之后出现第 ${version} 版`);
      versions.set(id, version);
      return step();
    };
    return ({ body }: Event): Finding => {
      switch (body.kind) {
        case 'account.created': {
          if (accounts.has(body.account)) return text(`${body.account} begins twice`, `${body.account} 重复开始`);
          accounts.add(body.account);
          return 'holds';
        }
        case 'dataset.registered': return versioned(body.dataset, 1, () => datasets.begin(body.dataset));
        case 'dataset.updated': return versioned(body.dataset, body.version, () => datasets.step(body.dataset, 'update'));
        case 'dataset.suspended': return datasets.step(body.dataset, 'suspend');
        case 'dataset.resumed': return datasets.step(body.dataset, 'resume');
        case 'dataset.withdrawn': return datasets.step(body.dataset, 'withdraw');
        case 'policy.proposed': return proposals.begin(body.proposal);
        case 'policy.endorsed': return proposals.step(body.proposal, 'endorse');
        case 'policy.rejected': return proposals.step(body.proposal, 'reject');
        case 'policy.retracted': return proposals.step(body.proposal, 'retract');
        case 'policy.approved': {
          const before = inForce.get(body.dataset);
          const superseded = before === undefined || before === body.proposal ? 'holds' : proposals.step(before, 'supersede');
          inForce.set(body.dataset, body.proposal);
          return superseded === 'holds' ? proposals.step(body.proposal, 'approve') : superseded;
        }
        case 'ledger.entered': return entries.begin(body.entry);
        case 'ledger.withdrawal-proposed': return entries.step(body.entry, 'propose');
        case 'ledger.withdrawal-endorsed': return entries.step(body.entry, 'endorse');
        case 'ledger.withdrawal-ended': return entries.step(body.entry, 'keep');
        case 'ledger.entry-withdrawn': return entries.step(body.entry, 'withdraw');
        case 'application.submitted': return applications.begin(body.application);
        case 'application.approved': return applications.step(body.application, 'approve');
        case 'application.rejected': return applications.step(body.application, 'reject');
        case 'application.withdrawn': return applications.step(body.application, 'withdraw');
        case 'grant.issued': return versioned(body.grant, 1, () => grants.begin(body.grant));
        case 'grant.suspended': return versioned(body.grant, body.version, () => grants.step(body.grant, 'suspend'));
        case 'grant.resumed': return versioned(body.grant, body.version, () => grants.step(body.grant, 'resume'));
        case 'grant.revoked': return versioned(body.grant, body.version, () => grants.step(body.grant, 'revoke'));
        // The life of a job is the matter of `attempts` and `single-release`.
        default: return undefined;
      }
    };
  },
};
