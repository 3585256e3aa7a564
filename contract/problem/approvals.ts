/** Problems of applications and grants. */
import { text } from '../text.ts';

export const APPROVAL_PROBLEMS = {
  'applications/columns': { status: 422, title: text('The columns cannot be applied for', '所需数据无法申请') },
  'applications/purpose': { status: 422, title: text('The purpose is not one that the policy allows', '用途不在策略允许范围内') },
  'applications/until': { status: 422, title: text('The end date is not possible', '截止时间无效') },
  'applications/dataset-closed': { status: 409, title: text('The dataset takes no applications', '该数据集暂不受理申请') },
  'applications/state': { status: 409, title: text('Not possible in this state of the application', '申请当前状态下不可执行') },
  'grants/state': { status: 409, title: text('Not possible in this state of the grant', '授权当前状态下不可执行') },
  'grants/not-in-force': { status: 409, title: text('The grant is not in force', '授权未在有效期内') },
} as const;
