/** Problems of jobs, releases and replays. */
import { text } from '../text.ts';

export const JOB_PROBLEMS = {
  'jobs/sharing': { status: 409, title: text('The grant does not allow this kind of job', '授权不包含此类作业') },
  'jobs/dataset-closed': { status: 409, title: text('A dataset of the grant is not available', '授权所涉数据集暂不可用') },
  'jobs/quota': { status: 429, title: text('The quota of jobs is used up', '作业配额已用完') },
  'jobs/state': { status: 409, title: text('Not possible in this state of the job', '作业当前状态下不可执行') },
  'jobs/no-result': { status: 409, title: text('The job has no result', '该作业没有结果') },
  'jobs/check-failed': { status: 503, title: text('The check gave no answer', '检查未给出应答') },
  'jobs/rendering-failed': { status: 503, title: text('The format could not be rendered', '未能生成该格式') },
  'releases/own-request': { status: 403, title: text('A request is not reviewed by whoever made it', '不得审核本方提出的请求') },
  'releases/four-eyes': { status: 403, title: text('The other vote is for another reviewer', '另一票须由其他审核人投出') },
  'releases/evidence': { status: 503, title: text('What was sealed could not be opened', '密封内容未能打开') },
  'releases/altered': { status: 409, title: text('The held result is not the one that was held', '待审结果已非当时所待审的结果') },
  'releases/state': { status: 409, title: text('Not possible in this state of the release', '发布当前状态下不可执行') },
  'ledger/refused': { status: 422, title: text('The table cannot be compared with releases', '该表无法与发布结果比对') },
  'ledger/four-eyes': { status: 403, title: text('Withdrawing an entry takes three people', '撤销录入须由三人共同完成') },
  'ledger/state': { status: 409, title: text('Not possible in this state of the entry', '该录入当前状态下不可执行') },
  'ledger/failed': { status: 503, title: text('The ledger was not changed', '台账未变更') },
  'replays/not-released': { status: 409, title: text('Only a released job can be replayed', '仅已发布的作业可重放') },
  'replays/text-erased': { status: 409, title: text('The text of the job was erased', '作业文本已被清除') },
} as const;
