/** What the rules of the story say about the log of a store: for the end of any test that worked on one. */
import { Event } from '#contract/event.ts';
import { Story } from '#src/audit/story.ts';
import type { Store } from '#src/store/store.ts';

/** @returns the rules that are broken and where; empty for an honest log. */
export function lies(store: Store): { readonly rule: string; readonly seq: number | null; readonly sentence: string }[] {
  const story = new Story();
  for (const [seq, entry] of store.entries(0, store.size).entries()) story.hear(Event.parse(JSON.parse(Buffer.from(entry).toString('utf8'))), seq);
  return story.checks().flatMap(({ name, failure }) => (failure === null ? [] : [{ rule: name, seq: failure.seq, sentence: failure.message.en }]));
}
