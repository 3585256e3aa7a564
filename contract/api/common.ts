/** What every resource of the HTTP API shares: roles, scopes, pages. */
import { z } from 'zod';

/** operator 被授权运营单位, agency 数据提供单位 / 主管部门, auditor 审计, administrator 管理员. */
export const ROLES = ['operator', 'agency', 'auditor', 'administrator'] as const;
export const Role = z.enum(ROLES);
export type Role = z.infer<typeof Role>;

/**
 * What a token may be used for. A session has every scope of its role; a token has those it was issued with.
 * A scope never gives what the role does not have.
 */
export const SCOPES = [
  'catalog:read', 'catalog:write',
  'approvals:read', 'approvals:write',
  'jobs:read', 'jobs:write',
  'releases:read', 'releases:write',
  'audit:read', 'audit:replay',
  'accounts:read', 'accounts:write',
] as const;
export const Scope = z.enum(SCOPES);
export type Scope = z.infer<typeof Scope>;

/** UTC, milliseconds. */
export const Timestamp = z.iso.datetime({ precision: 3 });

export const MAX_PAGE = 200;

/** Query of every listing. `cursor`: `next` of the page before; opaque. */
export const PageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(50),
  cursor: z.string().max(512).optional(),
});
export type PageQuery = z.infer<typeof PageQuery>;

/** One page of a listing, newest first unless the resource says otherwise. `next` is null on the last page. */
export const pageOf = <Item extends z.ZodType>(item: Item) => z.strictObject({ items: z.array(item), next: z.string().nullable() });
export type Page<Item> = { items: Item[]; next: string | null };
