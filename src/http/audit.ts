/** The transparency log as files, at the paths of C2SP tlog-tiles. Read-only; whoever holds `log.vkey` verifies it offline. */
import { z } from 'zod';
import { ok, type Result } from '#contract/result.ts';
import type { Failure } from '#contract/problem.ts';
import { absent } from '#src/absent.ts';
import type { Log } from '#src/audit/log.ts';
import type { Access } from './access.ts';
import type { Api } from './api.ts';
import { route } from './route.ts';

const access = { roles: ['auditor', 'agency'], scope: 'audit:read' } as const satisfies Access;
const tag = 'audit';
const TEXT = 'text/plain; charset=utf-8';
const BYTES = 'application/octet-stream';

const checkpoint = route({
  method: 'get', path: '/audit/checkpoint', id: 'auditCheckpoint', tag, summary: 'The last signed checkpoint (tlog-checkpoint)', access,
  answer: { status: 200, description: 'A signed note.', schema: null, media: ['text/plain'] },
  problems: ['request/not-found'],
});

const verifierKey = route({
  method: 'get', path: '/audit/log.vkey', id: 'auditVerifierKey', tag, summary: 'The key that checkpoints are signed with (signed-note verifier key)', access,
  answer: { status: 200, description: 'One line.', schema: null, media: ['text/plain'] },
  problems: ['request/not-found'],
});

const tile = route({
  method: 'get', path: '/audit/tile/{path+}', id: 'auditTile', tag, summary: 'A tile of hashes, or a bundle of entries under tile/entries (tlog-tiles)', access,
  params: z.strictObject({ path: z.string().max(200) }),
  answer: { status: 200, description: 'Hashes of 32 bytes each, or entries with their lengths in front.', schema: null, media: [BYTES] },
});

const receipt = route({
  method: 'get', path: '/audit/receipt/{seq}', id: 'auditReceipt', tag, summary: 'Proof that an entry is in the log (tlog-proof)', access,
  params: z.strictObject({ seq: z.coerce.number().int().nonnegative() }),
  answer: { status: 200, description: 'A receipt, once the entry is under a checkpoint.', schema: null, media: ['text/plain'] },
});

export type AuditFiles = Pick<Log, 'read' | 'receipt'>;

export function auditRoutes(api: Api, log: AuditFiles): void {
  const file = async (path: string, type: string, caching: string): Promise<Result<Response, Failure>> => {
    const bytes = await log.read(path);
    return bytes === null ? absent() : ok(new Response(Buffer.from(bytes), { headers: { 'content-type': type, 'cache-control': caching } }));
  };

  api.on(checkpoint, () => file('checkpoint', TEXT, 'no-store'));
  api.on(verifierKey, () => file('log.vkey', TEXT, 'no-store'));
  // A tile never changes: a longer one has another path.
  api.on(tile, ({ params }) => file(`tile/${params.path}`, BYTES, 'private, max-age=31536000, immutable'));
  api.on(receipt, async ({ params }) => {
    const proof = await log.receipt(params.seq);
    return proof === null ? absent() : ok(new Response(proof, { headers: { 'content-type': TEXT, 'cache-control': 'no-store' } }));
  });
}
