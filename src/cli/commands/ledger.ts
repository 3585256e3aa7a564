/** The disclosure ledger: what was published elsewhere is entered, so that later releases are compared with it. */
import { LedgerEntryView, PublishedTable } from '#contract/api/ledger.ts';
import { ok } from '#contract/result.ts';
import { text } from '#contract/text.ts';
import { call } from '../client.ts';
import { command, type Command } from '../command.ts';
import { readDocument } from '../files.ts';
import { showDocument } from '../listing.ts';
import { STATUS, type Outcome } from '../outcome.ts';

export const LEDGER_COMMANDS: readonly Command[] = [
  command({
    name: 'ledger enter',
    summary: text('enter a table of counts published elsewhere; later releases are compared with it', '录入在别处公布的计数表，此后的发布将与其比对'),
    positionals: [{ name: 'FILE' }],
    options: {},
    notes: text(
      'FILE is JSON (- is standard input): {"dataset", "source": where and when it was published, "table", "groups": columns as a query names them, "cells": [{"keys": […], "count": n}]}.',
      'FILE 为 JSON（- 为标准输入）：{"dataset", "source"：公布的出处与时间, "table", "groups"：查询中所用的列名, "cells": [{"keys": […], "count": n}]}。',
    ),
    examples: ['ledger enter yearbook-2025.json'],
    run: async (session, _options, [file = '']): Promise<Outcome> => {
      const table = await readDocument(session, file, PublishedTable);
      if (!table.ok) return table;
      const entered = await call(session, 'POST', '/ledger/entries', LedgerEntryView, { body: table.value });
      if (!entered.ok) return entered;
      showDocument(session, entered.value);
      return ok(STATUS.done);
    },
  }),
];
