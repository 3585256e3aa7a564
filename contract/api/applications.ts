/** Applications over HTTP: the five legal fields of 001 第二十八条, with purpose and columns. */
import { z } from 'zod';
import { FreeText } from '../free-text.ts';
import { ApplicationId, GrantId, OrganisationId } from '../id.ts';
import { GrantedColumn } from '../job.ts';
import { DatasetId } from '../manifest.ts';
import { SharingMode } from '../sharing-mode.ts';
import { bilingual } from '../text.ts';
import { PageQuery, pageOf, Timestamp } from './common.ts';

/** Bytes of all column names of an application together, so that its log entry stays within bounds. */
const MAX_COLUMN_BYTES = 32_768;

export const Columns = z.array(GrantedColumn).min(1).max(1000)
  .refine((columns) => new Set(columns).size === columns.length, { error: bilingual('names a column twice', '列名重复') })
  .refine((columns) => columns.reduce((sum, column) => sum + new TextEncoder().encode(column).length, 0) <= MAX_COLUMN_BYTES, {
    error: bilingual(`has more than ${MAX_COLUMN_BYTES} bytes of column names; apply in parts`, `列名总长超过 ${MAX_COLUMN_BYTES} 字节；请分次申请`),
  });

export const Apply = z.strictObject({
  /** 使用单位: who uses what comes out. */
  userUnit: FreeText(200),
  /** 应用场景. */
  scenario: FreeText(4000),
  /** 所需数据: `dataset.table.column`; all datasets of one agency. */
  columns: Columns,
  /** 共享模式. */
  sharing: SharingMode,
  /** 截止时间: the grant ends then. UTC. */
  until: z.iso.datetime(),
  /** Coded purpose, one of the policy's `purposes` where it lists any. */
  purpose: DatasetId,
});
export type Apply = z.infer<typeof Apply>;

/** Less than what was asked for, never more. */
export const ApproveApplication = z.strictObject({ columns: Columns.optional(), until: z.iso.datetime().optional() });
export type ApproveApplication = z.infer<typeof ApproveApplication>;

export const ApplicationState = z.enum(['submitted', 'approved', 'rejected', 'withdrawn']);
export const ApplicationParams = z.strictObject({ application: ApplicationId });

/** `userUnit`, `scenario`: null once the text was erased. */
export const ApplicationView = z.strictObject({
  id: ApplicationId,
  organisation: OrganisationId,
  provider: OrganisationId,
  state: ApplicationState,
  userUnit: z.string().nullable(),
  scenario: z.string().nullable(),
  columns: z.array(z.string()),
  sharing: SharingMode,
  until: Timestamp,
  purpose: DatasetId,
  submittedAt: Timestamp,
  decidedAt: Timestamp.nullable(),
  grant: GrantId.nullable(),
  reason: z.string().nullable(),
});
export type ApplicationView = z.infer<typeof ApplicationView>;

export const ApplicationQuery = z.strictObject({ ...PageQuery.shape, state: ApplicationState.optional() });
export const ApplicationPage = pageOf(ApplicationView);
