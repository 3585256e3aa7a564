/** The one problem of every limit on accounts and organisations: which one it is, and its value, stand in `limit`. */
import { text } from '../text.ts';

export const LIMIT_PROBLEMS = {
  'limit/reached': { status: 429, title: text('A limit is reached', '已达上限') },
} as const;
