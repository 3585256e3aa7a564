/** A chain as a worker follows it: told by the control plane, in order, each addition checked against the head before. */
import { digestBytes, type Digest } from '#contract/canonical.ts';
import { nextHead, type ChainEntry } from '#contract/chain.ts';

/** Throws where the entry does not follow the ones before it: nothing is done on a chain with a gap. */
export function requireNext(head: Digest | null, { head: next, sealed }: ChainEntry): void {
  if (nextHead(head, digestBytes(Buffer.from(sealed, 'base64'))) !== next) throw new Error('an entry of a chain is not the next one');
}
