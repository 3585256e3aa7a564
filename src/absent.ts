/** The one answer for what does not exist and for what exists but does not concern the caller: nobody can tell them apart. */
import { fail } from '#contract/problem.ts';
import { text } from '#contract/text.ts';

export const absent = () => fail('request/not-found', text(
  'There is nothing here, or nothing that concerns you.',
  '此处没有内容，或没有与您相关的内容。',
));
