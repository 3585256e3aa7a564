/** `/audit/replays`: the auditor has a released job computed again and compared. */
import { ReplayPage, ReplayParams, ReplayQuery, ReplayView, StartReplay } from '#contract/api/releases.ts';
import { ok } from '#contract/result.ts';
import { absent } from '#src/absent.ts';
import type { JobParts } from '#src/jobs/parts.ts';
import { replayJob, replayView } from '#src/releases/replay.ts';
import { replayRow, replayRows } from '#src/store/jobs.ts';
import { inTurnOf } from '#src/workers/in-turn.ts';
import type { Api } from './api.ts';
import { page, readBefore } from './page.ts';
import { route } from './route.ts';

const tag = 'audit';
const read = { roles: ['auditor'], scope: 'audit:read' } as const;

const replay = route({
  method: 'post', path: '/api/v1/audit/replays', id: 'replayJob', tag, summary: 'Run a released job again from what the log pins, and compare digests', access: { roles: ['auditor'], scope: 'audit:replay' },
  body: StartReplay, idempotent: true, problems: ['request/not-found', 'replays/not-released', 'replays/text-erased'],
  answer: { status: 201, description: 'Compared.', schema: ReplayView, location: ({ id }) => `/api/v1/audit/replays/${id}` },
});
const listReplays = route({
  method: 'get', path: '/api/v1/audit/replays', id: 'listReplays', tag, summary: 'Replays', access: read, query: ReplayQuery,
  answer: { status: 200, description: 'Replays, newest first.', schema: ReplayPage },
});
const readReplay = route({
  method: 'get', path: '/api/v1/audit/replays/{replay}', id: 'readReplay', tag, summary: 'One replay', access: read, params: ReplayParams,
  answer: { status: 200, description: 'The replay.', schema: ReplayView, etag: true },
});

export function replayRoutes(api: Api, parts: JobParts): void {
  const db = parts.store.read;
  api.on(replay, ({ principal, body }) => replayJob({ ...parts, pool: inTurnOf(parts.pool, principal.organisation) }, principal, body.job));
  api.on(listReplays, ({ query }) => {
    const before = readBefore(query.cursor);
    if (!before.ok) return before;
    return ok(page(replayRows(db, query.job ?? null, before.value, query.limit + 1), query.limit, ({ seq }) => [seq], replayView));
  });
  api.on(readReplay, ({ params }) => {
    const row = replayRow(db, params.replay);
    return row === undefined ? absent() : ok(replayView(row));
  });
}
