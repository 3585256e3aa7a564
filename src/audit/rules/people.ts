/** Rules on who acted: known, not disabled, in their own role, and never alone where two are needed. */
import type { Actor, EventOf } from '#contract/event.ts';
import { text } from '#contract/text.ts';
import { type Rule, rule } from './rule.ts';

export const knownActors: Rule = {
  name: 'known-actors',
  claim: text('everybody who acted had an account, not disabled, in the role they acted in', '所有操作者都有账户、未被停用，且以其本人角色操作'),
  start: () => {
    const accounts = new Map<string, { readonly role: string; enabled: boolean }>();
    return ({ actor, body }) => {
      const finding = actor.role !== 'system' && actor.via !== 'console' ? judge(accounts.get(actor.id), actor) : undefined;
      if (body.kind === 'account.created') accounts.set(body.account, { role: body.role, enabled: true });
      if (body.kind === 'account.disabled' || body.kind === 'account.enabled') {
        const account = accounts.get(body.account);
        if (account !== undefined) account.enabled = body.kind === 'account.enabled';
      }
      return finding;
    };
  },
};

function judge(account: { readonly role: string; readonly enabled: boolean } | undefined, actor: Actor) {
  if (account === undefined) return text(`${actor.id} acts and was never given an account`, `${actor.id} 进行了操作，但从未获得账户`);
  if (!account.enabled) return text(`${actor.id} acts with a disabled account`, `${actor.id} 使用已停用的账户进行操作`);
  if (account.role !== actor.role) return text(`${actor.id} acts as ${actor.role} and is ${account.role}`, `${actor.id} 以 ${actor.role} 身份操作，实为 ${account.role}`);
  return 'holds';
}

const ownApproval = (actor: Actor) => text(`${actor.id} approves what they asked for themselves`, `${actor.id} 批准了自己提出的事项`);

export const noSelfApproval = rule(
  'no-self-approval',
  text('nobody approved a policy, an application or a release of their own', '没有人批准自己提出的策略、申请或发布'),
  () => {
    /** Who asked, by proposal, application or job. */
    const asked = new Map<string, string>();
    const judgeApproval = (subject: string, actor: Actor) => (asked.get(subject) === actor.id ? ownApproval(actor) : 'holds' as const);
    return {
      'policy.proposed': ({ actor, body }) => void asked.set(body.proposal, actor.id),
      'application.submitted': ({ actor, body }) => void asked.set(body.application, actor.id),
      'job.accepted': ({ actor, body }) => void asked.set(body.job, actor.id),
      'policy.endorsed': ({ actor, body }) => judgeApproval(body.proposal, actor),
      'policy.approved': ({ actor, body }) => judgeApproval(body.proposal, actor),
      'application.approved': ({ actor, body }) => judgeApproval(body.application, actor),
      'release.voted': ({ actor, body }) => judgeApproval(body.job, actor),
      'release.approved': ({ actor, body }) => judgeApproval(body.job, actor),
    };
  },
);

export const reviews = rule(
  'reviews',
  text('every held result was decided by as many reviewers as its policy asks for, each voting once, and left only if all of them approved', '每项待审结果均由策略要求人数的审核人各投一票决定，且仅在全部同意时发布'),
  () => {
    const held = new Map<string, { readonly reviewers: number; readonly voted: Set<string> }>();
    const close = (approved: boolean) => ({ body }: { body: { job: string; votes: readonly { account: string; decision: string }[] } }) => {
      const release = held.get(body.job);
      if (release === undefined) return text('a decision on a result that was never held', '对从未待审的结果作出决定');
      const named = new Set(body.votes.map(({ account }) => account));
      if (named.size !== release.voted.size || [...named].some((one) => !release.voted.has(one))) return text('it names votes that were not cast, or leaves some out', '所列投票并未投出，或有遗漏');
      if (named.size < release.reviewers) return text(`it needs ${release.reviewers} reviewers and has ${named.size}`, `需要 ${release.reviewers} 名审核人，实际只有 ${named.size} 名`);
      const unanimous = body.votes.every(({ decision }) => decision === 'approve');
      return unanimous === approved ? 'holds' as const : text('the decision is not what the votes say', '决定与投票结果不符');
    };
    return {
      'job.held': ({ body }) => void held.set(body.job, { reviewers: body.reviewers ?? 1, voted: new Set() }),
      'release.voted': ({ actor, body }) => {
        const release = held.get(body.job);
        if (release === undefined) return text('a vote on a result that was never held', '对从未待审的结果投票');
        if (release.voted.has(actor.id)) return text(`${actor.id} votes twice`, `${actor.id} 投票两次`);
        release.voted.add(actor.id);
        return 'holds';
      },
      'release.approved': close(true),
      'release.rejected': close(false),
    };
  },
);

export const fourEyes = rule(
  'four-eyes',
  text('every policy in force was proposed by one person and approved, unchanged, by as many others as it needed', '每项生效策略均由一人提出，并由所需人数的其他人员原样批准'),
  () => {
    const proposals = new Map<string, { readonly by: string; readonly body: EventOf<'policy.proposed'>['body']; readonly endorsed: Set<string> }>();
    /** The document in force, by dataset: how many must approve was decided by comparison with it. */
    const inForce = new Map<string, string>();
    return {
      'policy.proposed': ({ actor, body }) => void proposals.set(body.proposal, { by: actor.id, body, endorsed: new Set() }),
      'policy.endorsed': ({ actor, body }) => void proposals.get(body.proposal)?.endorsed.add(actor.id),
      'policy.approved': ({ actor, body }) => {
        const proposal = proposals.get(body.proposal);
        if (proposal === undefined) return text('a policy is approved that nobody proposed', '被批准的策略从未有人提出');
        const { document, policy, version, dataset, base, approvalsNeeded: needed } = proposal.body;
        if (document !== body.document || policy !== body.policy || version !== body.version || dataset !== body.dataset) return text('another policy is approved than was proposed', '被批准的策略与提出的策略不一致');
        if (base !== (inForce.get(dataset) ?? null)) return text('it was compared with another policy than the one in force', '其比对的策略并非当时生效的策略');
        inForce.set(dataset, document);
        const approvers = new Set([...proposal.endorsed, actor.id]);
        const named = new Set<string>(body.approvers);
        if (named.size !== approvers.size || [...named].some((one) => !approvers.has(one))) return text('it names approvers who did not approve, or leaves some out', '所列批准人并未批准，或有遗漏');
        const others = [...approvers].filter((one) => one !== proposal.by).length;
        return others >= needed ? 'holds' : text(`it needs ${needed} approvals by others and has ${others}`, `需要 ${needed} 名其他人员批准，实际只有 ${others} 名`);
      },
    };
  },
);
