/** A rule of the story that the log tells: what must be true of every event, given those before it. */
import type { Event, EventKind, EventOf } from '#contract/event.ts';
import type { Text } from '#contract/text.ts';

/**
 * What a rule says about one event: a sentence where the event breaks it, `holds` where the event was put to the test,
 * nothing where it was only taken note of.
 */
export type Finding = Text | 'holds' | undefined;

export interface Rule {
  readonly name: string;
  readonly claim: Text;
  /** A fresh run over a log, from its first event on. Keeps only what later events need. */
  readonly start: () => Run;
}

export type Run = (event: Event) => Finding;

export type Handlers = { readonly [K in EventKind]?: (event: EventOf<K>) => Finding };

/** A rule that listens to some kinds of events. */
export function rule(name: string, claim: Text, start: () => Handlers): Rule {
  return {
    name,
    claim,
    start: () => {
      const handlers = start();
      return (event) => (handlers[event.body.kind] as ((event: Event) => Finding) | undefined)?.(event);
    },
  };
}
