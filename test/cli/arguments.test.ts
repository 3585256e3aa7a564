import { describe, expect, test } from 'vitest';
import { text } from '#contract/text.ts';
import { parseArguments } from '#src/cli/arguments.ts';
import { command } from '#src/cli/command.ts';
import { COMMANDS } from '#src/cli/commands.ts';
import { ok } from '#contract/result.ts';
import { sluice } from '../support/cli.ts';

const sample = command({
  name: 'job submit',
  summary: text('submit', '提交'),
  positionals: [{ name: 'FILE', optional: true }],
  options: {
    grant: { type: 'value', value: 'ID', required: true, help: text('grant', '授权') },
    sql: { type: 'value', value: 'SQL', short: 'e', help: text('text', '文本') },
    scope: { type: 'value', value: 'S', multiple: true, help: text('scope', '范围') },
    format: { type: 'value', value: 'F', oneOf: ['csv', 'json'], help: text('format', '格式') },
    wait: { type: 'flag', help: text('wait', '等待') },
  },
  examples: [],
  run: async () => ok(0),
});

describe('arguments', () => {
  const accepted: [string, string[], Record<string, unknown>, string[]][] = [
    ['long with space', ['--grant', 'g', 'q.sql'], { grant: 'g', wait: false, scope: [] }, ['q.sql']],
    ['long with =', ['--grant=g'], { grant: 'g' }, []],
    ['short', ['--grant', 'g', '-e', 'select 1'], { sql: 'select 1' }, []],
    ['value that begins with dashes', ['--grant', 'g', '--sql', '-- comment\nselect 1'], { sql: '-- comment\nselect 1' }, []],
    ['repeated', ['--grant', 'g', '--scope', 'a', '--scope', 'b'], { scope: ['a', 'b'] }, []],
    ['flag and global', ['--wait', '--grant', 'g', '--json'], { wait: true, json: true }, []],
    ['- is a positional', ['--grant', 'g', '-'], {}, ['-']],
  ];
  test.each(accepted)('takes: %s', (_name, args, options, positionals) => {
    const parsed = parseArguments(sample, args);
    expect(parsed).toMatchObject({ ok: true, value: { options, positionals } });
  });

  const refused: [string, string[], string][] = [
    ['unknown option', ['--grant', 'g', '--formt', 'csv'], 'There is no option --formt. Did you mean --format?'],
    ['unknown option, nothing near', ['--grant', 'g', '--xylophone'], 'There is no option --xylophone.'],
    ['unknown short option', ['--grant', 'g', '-x'], 'There is no option -x.'],
    ['missing value', ['--grant'], 'Option --grant needs a value: --grant ID.'],
    ['flag with value', ['--grant', 'g', '--wait=yes'], 'Option --wait takes no value.'],
    ['twice', ['--grant', 'g', '--grant', 'h'], 'Option --grant is given twice; it can be given once.'],
    ['not one of', ['--grant', 'g', '--format', 'xml'], 'Option --format takes one of csv, json, not "xml".'],
    ['required', ['q.sql'], '"job submit" needs --grant ID.'],
    ['too many', ['--grant', 'g', 'a', 'b'], '"job submit" does not expect "b".'],
  ];
  test.each(refused)('refuses: %s', (_name, args, sentence) => {
    const parsed = parseArguments(sample, args);
    expect(parsed.ok ? null : parsed.error.message.en).toBe(sentence);
    expect(parsed.ok ? null : parsed.error.message.zh).not.toBe(sentence);
  });
});

describe('dispatch', () => {
  const cases: [string[], number, RegExp][] = [
    [[], 2, /Usage: sluice COMMAND/],
    [['--help'], 0, /Exit status/],
    [['help', 'token'], 0, /sluice token issue .*\n +\S.*\n(.*\n)* {2}sluice token revoke TOKEN\n/],
    [['help', 'token', 'revoke'], 0, /Usage: sluice token revoke TOKEN/],
    [['help', 'check'], 0, /Usage: sluice check/],
    [['help', 'nothing'], 2, /There is no command "nothing"/],
    [['tokn'], 2, /There is no command "tokn". Did you mean "token"\?/],
    [['token'], 2, /"token" needs one of: list, issue, revoke/],
    [['token', 'isue'], 2, /There is no "token isue".*Did you mean "token issue"\?/],
    [['token', 'revoke'], 2, /"token revoke" needs TOKEN/],
    [['token', 'revoke', '--help'], 0, /Usage: sluice token revoke TOKEN/],
    [['token', 'list', '--lang', 'fr'], 2, /takes one of en, zh/],
  ];
  test.each(cases)('sluice %j', async (args, status, said) => {
    const ran = await sluice(args);
    expect(ran.status).toBe(status);
    expect(ran.out + ran.err).toMatch(said);
  });

  test('speaks Chinese by --lang and by the environment', async () => {
    expect((await sluice(['tokn', '--lang', 'zh'])).err).toContain('没有命令“tokn”。您是否想用“token”？');
    expect((await sluice(['tokn'], { env: { LC_ALL: 'zh_CN.UTF-8' } })).err).toContain('没有命令');
    expect((await sluice(['help'], { env: { LANG: 'zh_CN.UTF-8' } })).out).toContain('退出状态');
  });

  test('with --json a failure is JSON on standard output and a sentence on standard error', async () => {
    const ran = await sluice(['token', 'revoke', '--json']);
    expect(JSON.parse(ran.out)).toEqual({ error: '"token revoke" needs TOKEN.' });
    expect(ran.err).toContain('sluice: "token revoke" needs TOKEN.');
  });

  test('no server: a sentence and status 3', async () => {
    const ran = await sluice(['me', '--server', 'http://127.0.0.1:1']);
    expect(ran.status).toBe(3);
    expect(ran.err).toContain('No server answers at http://127.0.0.1:1');
  });
});

describe('the table of commands', () => {
  test('names are unique, every command has both languages and an example that parses', () => {
    expect(new Set(COMMANDS.map(({ name }) => name)).size).toBe(COMMANDS.length);
    for (const one of COMMANDS) {
      for (const said of [one.summary, ...Object.values(one.options).map(({ help }) => help)]) {
        expect(said.en, one.name).not.toBe('');
        expect(said.zh, one.name).toMatch(/\p{Script=Han}/u);
      }
      expect(one.examples.length, one.name).toBeGreaterThan(0);
      for (const example of one.examples) {
        const words = [...example.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2] ?? '');
        expect(words.join(' ').startsWith(one.name), example).toBe(true);
        const parsed = parseArguments(one, words.slice(one.name.split(' ').length));
        expect(parsed.ok ? '' : `${example}: ${parsed.error.message.en}`).toBe('');
      }
    }
  });
});
