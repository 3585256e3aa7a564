/** Problems of datasets and policies. */
import { text } from '../text.ts';

export const CATALOG_PROBLEMS = {
  'datasets/upload': { status: 422, title: text('The upload is not complete or not as announced', '上传内容不完整或与声明不符') },
  'datasets/manifest': { status: 422, title: text('The manifest cannot be registered', '该清单无法登记') },
  'datasets/ingest-refused': { status: 422, title: text('The files contradict the manifest', '文件与清单不符') },
  'datasets/ingest-failed': { status: 500, title: text('The files could not be taken in', '文件未能载入') },
  'datasets/id-taken': { status: 409, title: text('The dataset id is taken', '数据集标识已被占用') },
  'datasets/state': { status: 409, title: text('Not possible in this state of the dataset', '数据集当前状态下不可执行') },
  'withdrawals/refused': { status: 422, title: text('The identifiers name no units of this kind', '所给标识不能指明该类主体') },
  'withdrawals/failed': { status: 503, title: text('The withdrawal list was not changed', '撤回名单未变更') },
  'perturbation-tables/invalid': { status: 422, title: text('The perturbation table cannot be used', '该扰动表无法使用') },
  'perturbation-tables/name-taken': { status: 409, title: text('The name belongs to another perturbation table', '该名称属于另一扰动表') },
  'policies/invalid': { status: 422, title: text('The policy contradicts itself, the manifest or this program', '策略与自身、清单或本程序能力相矛盾') },
  'policies/name-taken': { status: 409, title: text('The policy name belongs to another dataset', '策略名称属于另一数据集') },
  'policies/version': { status: 409, title: text('The version number does not go up', '策略版本号未递增') },
  'policies/tests-failed': { status: 409, title: text('A test of the policy fails', '策略测试未通过') },
  'policies/four-eyes': { status: 403, title: text('Approval needs another person', '须由他人审批') },
  'policies/outdated': { status: 409, title: text('The proposal was compared with a version that is no longer in force', '该提案所比对的版本已不再生效') },
  'policies/state': { status: 409, title: text('Not possible in this state of the policy', '策略当前状态下不可执行') },
} as const;
