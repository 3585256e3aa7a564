/** Applications and grants as those concerned see them. */
import { z } from 'zod';
import type { ApplicationView } from '#contract/api/applications.ts';
import type { GrantView } from '#contract/api/grants.ts';
import type { Commitment } from '#contract/commitment.ts';
import { columnsOf, datasetsOf, type ApplicationRow, type GrantRow } from '#src/store/approvals.ts';
import type { Reader } from '#src/store/db.ts';
import { unseal } from '#src/store/seal.ts';

/** 使用单位 and 应用场景 as they are sealed together. */
export const ApplicationText = z.strictObject({ userUnit: z.string(), scenario: z.string() });

export const reasonText = (db: Reader, reason: Commitment | null): string | null => (reason === null ? null : unseal(db, reason));

export function applicationView(db: Reader, row: ApplicationRow): ApplicationView {
  const sealed = unseal(db, row.text);
  const said = sealed === null ? null : ApplicationText.parse(JSON.parse(sealed));
  return {
    id: row.id, organisation: row.organisation, provider: row.provider, state: row.state,
    userUnit: said?.userUnit ?? null, scenario: said?.scenario ?? null,
    columns: columnsOf(row), sharing: row.sharing, until: row.until, purpose: row.purpose,
    submittedAt: row.submitted_at, decidedAt: row.decided_at, grant: row.grant_id, reason: reasonText(db, row.reason),
  };
}

export function grantView(db: Reader, row: GrantRow, now: Date): GrantView {
  const columns = columnsOf(row);
  return {
    id: row.id, application: row.application, organisation: row.organisation, provider: row.provider, state: row.state, expired: new Date(row.until) <= now,
    version: row.version, terms: row.terms, datasets: datasetsOf(columns), columns, purpose: row.purpose, sharing: row.sharing,
    until: row.until, issuedAt: row.issued_at, reason: reasonText(db, row.reason),
  };
}
