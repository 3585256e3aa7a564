/** What each limit is, in a sentence that says what would help. */
import type { LimitName } from '#contract/limit.ts';
import { text, type Text } from '#contract/text.ts';

export const SENTENCES: Readonly<Record<LimitName, (value: number) => Text>> = {
  requestsAtOnce: (n) => text(`An account has at most ${n} requests under way at once. Wait for answers before asking more.`, `每个账户同时进行的请求至多 ${n} 个。请等待应答后再请求。`),
  changesPerMinute: (n) => text(`An account makes at most ${n} requests a minute that change something or are recorded.`, `每个账户每分钟至多 ${n} 个会产生更改或留痕的请求。`),
  denialsPerMinute: (n) => text(`At most ${n} requests a minute of an account may be denied by a rule. Look at why they were before sending more.`, `每个账户每分钟被规则拒绝的请求至多 ${n} 个。请先查明被拒原因。`),
  loginsPerMinute: (n) => text(`An account logs in at most ${n} times a minute.`, `每个账户每分钟至多登录 ${n} 次。`),
  sessions: (n) => text(`An account has at most ${n} open sessions. Log out where one is open, log in with a new password, which ends them all, or wait until one ends.`, `每个账户至多 ${n} 个未结束的会话。请退出其中一个，或在登录时设置新密码（将结束全部会话），或等待其中一个结束。`),
  tokens: (n) => text(`An account has at most ${n} tokens that still work. Revoke one that is not needed.`, `每个账户至多 ${n} 个有效令牌。请先撤销不再需要的令牌。`),
  pendingApplications: (n) => text(`An organisation has at most ${n} applications that wait for a decision. Withdraw one, or wait for a decision.`, `每个单位至多 ${n} 项待审申请。请撤回其中一项，或等待审批。`),
  queuedJobsPerGrant: (n) => text(`At most ${n} jobs of a grant wait at once. Wait until some have run, or cancel some.`, `每项授权至多 ${n} 个排队作业。请等待部分作业运行，或取消部分作业。`),
  queuedJobsPerOrganisation: (n) => text(`At most ${n} jobs of an organisation wait at once, under all of its grants together. Wait until some have run, or cancel some.`, `每个单位各项授权合计至多 ${n} 个排队作业。请等待部分作业运行，或取消部分作业。`),
  checksPerMinute: (n) => text(`An organisation has at most ${n} queries checked or results rendered as Parquet in a minute.`, `每个单位每分钟至多检查查询或生成 Parquet 共 ${n} 次。`),
  policyRunsAtOnce: (n) => text(`An organisation has at most ${n} policies proposed, approved, tested or tried at once.`, `每个单位同时提出、批准、测试或试用的策略至多 ${n} 个。`),
  uploadsAtOnce: (n) => text(`An organisation uploads at most ${n} datasets at once.`, `每个单位同时上传的数据集至多 ${n} 个。`),
};
