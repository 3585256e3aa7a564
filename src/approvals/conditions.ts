/** When something is possible, whoever asks: dates, states, purposes, columns. Who may ask: `permissions.ts`. */
import type { FieldError, Failure } from '#contract/problem.ts';
import { fail } from '#contract/problem.ts';
import type { Manifest } from '#contract/manifest.ts';
import type { Policy } from '#contract/policy.ts';
import { ok, type Result } from '#contract/result.ts';
import { text } from '#contract/text.ts';
import type { GrantRow } from '#src/store/approvals.ts';

/** A grant lasts at most this long, in days: five years. */
export const MAX_GRANT_DAYS = 1826;
const DAY = 24 * 3600 * 1000;

/** 截止时间. Fails `applications/until`. */
export function untilIsPossible(until: Date, now: Date, latest: Date | null): Result<null, Failure> {
  const limit = latest ?? new Date(now.getTime() + MAX_GRANT_DAYS * DAY);
  if (until > now && until <= limit) return ok(null);
  return fail('applications/until', text(
    `The end date ${until.toISOString()} must be after now and not after ${limit.toISOString()}${latest ? ', the end that was applied for' : `, ${MAX_GRANT_DAYS} days from now`}.`,
    `截止时间 ${until.toISOString()} 须晚于当前时间，且不得晚于 ${limit.toISOString()}${latest ? '（申请的截止时间）' : `（自现在起 ${MAX_GRANT_DAYS} 天）`}。`,
  ));
}

/** A policy without purposes allows any. Fails `applications/purpose`. */
export function purposeIsAllowed(purpose: string, policy: Policy): Result<null, Failure> {
  if (policy.purposes.length === 0 || policy.purposes.some((allowed) => allowed === purpose)) return ok(null);
  return fail('applications/purpose', text(
    `The policy ${policy.policy} of the dataset ${policy.dataset} does not allow the purpose "${purpose}"; it allows ${policy.purposes.join(', ')}.`,
    `数据集 ${policy.dataset} 的策略 ${policy.policy} 不允许用途“${purpose}”；允许的用途为 ${policy.purposes.join('、')}。`,
  ));
}

/** What is wrong with a column that somebody applies for; null where it is one that may be granted. `manifest`: null where there is no such dataset. */
export function columnProblem(column: string, manifest: Manifest | null, at: string): FieldError | null {
  const [dataset = '', table = '', name = ''] = column.split('.');
  if (manifest === null) return { at, message: text(`There is no dataset "${dataset}" in the catalogue.`, `目录中没有数据集“${dataset}”。`) };
  const columns = Object.hasOwn(manifest.tables, table) ? manifest.tables[table]?.columns : undefined;
  if (columns === undefined) {
    const tables = Object.keys(manifest.tables);
    return { at, message: text(`The dataset ${dataset} has no table "${table}"; it has ${tables.join(', ')}.`, `数据集 ${dataset} 没有表“${table}”；其表为 ${tables.join('、')}。`) };
  }
  const declared = Object.hasOwn(columns, name) ? columns[name] : undefined;
  if (declared === undefined) return { at, message: text(`The table ${dataset}.${table} has no column "${name}".`, `表 ${dataset}.${table} 没有列“${name}”。`) };
  if (declared.role === 'identifier') {
    return { at, message: text(`The column ${column} identifies persons or companies directly and is not kept; nobody can be granted it.`, `列 ${column} 为直接标识符，入域时已删除，不可授权。`) };
  }
  return null;
}

/** Fails `grants/not-in-force`. */
export function grantIsInForce(grant: GrantRow, now: Date): Result<null, Failure> {
  if (grant.state === 'suspended') return fail('grants/not-in-force', text('The grant is suspended by the agency. It can be used again once the agency resumes it.', '该授权已被数据提供单位暂停，恢复后方可使用。'));
  if (grant.state === 'revoked') return fail('grants/not-in-force', text('The grant was revoked by the agency. Apply for a new one.', '该授权已被数据提供单位撤销，请重新申请。'));
  if (new Date(grant.until) <= now) {
    return fail('grants/not-in-force', text(`The grant ended on ${grant.until}. Apply for a new one.`, `该授权已于 ${grant.until} 到期，请重新申请。`));
  }
  return ok(null);
}
