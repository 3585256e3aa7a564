/** The three corpora with how their data are made. */
import type { Manifest } from '#contract/manifest.ts';
import { CLICKS, generateClicks } from '../support/corpus/clicks.ts';
import type { CorpusName } from '../support/corpus/queries.ts';
import { generateRetail, RETAIL } from '../support/corpus/retail.ts';
import { generateTrade, TRADE } from '../support/corpus/trade.ts';

export const MADE = {
  trade: { manifest: TRADE, generate: (directory: string) => generateTrade(directory) },
  clicks: { manifest: CLICKS, generate: (directory: string) => generateClicks(directory) },
  retail: { manifest: RETAIL, generate: (directory: string) => generateRetail(directory) },
} satisfies Record<CorpusName, { readonly manifest: Manifest; readonly generate: (directory: string) => void }>;
