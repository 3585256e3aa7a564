/** Command line → options and positionals of a command, or a sentence that says what is wrong and what was probably meant. */
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { ok, type Result } from '#contract/result.ts';
import { text, type Text } from '#contract/text.ts';
import type { Command, OptionTable } from './command.ts';
import { nearest } from './nearest.ts';
import { usage, type CliFailure } from './outcome.ts';

/** Options that every command has. */
export const GLOBAL_OPTIONS = {
  server: { type: 'value', value: 'URL', help: text('the server (default: SLUICE_URL, else http://127.0.0.1:8080)', '服务器地址（默认：SLUICE_URL，否则 http://127.0.0.1:8080）') },
  'token-file': { type: 'value', value: 'FILE', help: text('file with the access token (default: SLUICE_TOKEN, else what `sluice login` kept)', '访问令牌文件（默认：SLUICE_TOKEN，否则为 `sluice login` 保存的令牌）') },
  json: { type: 'flag', help: text('JSON on standard output, for programs', '在标准输出给出 JSON，供程序使用') },
  lang: { type: 'value', value: 'en|zh', oneOf: ['en', 'zh'], help: text('language of messages (default: SLUICE_LANG, LC_ALL, LC_MESSAGES, LANG)', '消息语言（默认：SLUICE_LANG、LC_ALL、LC_MESSAGES、LANG）') },
  help: { type: 'flag', help: text('show this help', '显示本帮助') },
} as const satisfies OptionTable;

export interface Parsed {
  readonly options: Readonly<Record<string, boolean | string | readonly string[] | undefined>>;
  readonly positionals: readonly string[];
}

/** `args`: what follows the command's own words. */
export function parseArguments(command: Command, args: readonly string[]): Result<Parsed, CliFailure> {
  const table: OptionTable = { ...GLOBAL_OPTIONS, ...command.options };
  const config: NonNullable<ParseArgsConfig['options']> = {};
  for (const [name, option] of Object.entries(table)) {
    config[name] = option.type === 'flag'
      ? { type: 'boolean' }
      : { type: 'string', multiple: true, ...(option.short !== undefined && { short: option.short }) };
  }
  // Lenient parsing keeps the tokens of what it does not know, so that the sentences below are ours and in both languages.
  const { tokens, positionals } = parseArgs({ args: [...args], options: config, allowPositionals: true, strict: false, tokens: true });
  const options: Record<string, boolean | string | string[] | undefined> = {};
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const option = table[token.name];
    if (option === undefined) return unknownOption(token.rawName, Object.keys(table));
    if (option.type === 'flag') {
      if (token.value !== undefined) return usage(`Option --${token.name} takes no value.`, `选项 --${token.name} 不带值。`);
      options[token.name] = true;
      continue;
    }
    if (token.value === undefined) return usage(`Option --${token.name} needs a value: --${token.name} ${option.value}.`, `选项 --${token.name} 需要一个值：--${token.name} ${option.value}。`);
    if (option.oneOf !== undefined && !option.oneOf.includes(token.value)) {
      return usage(`Option --${token.name} takes one of ${option.oneOf.join(', ')}, not "${token.value}".`, `选项 --${token.name} 只能取 ${option.oneOf.join('、')} 之一，不能是“${token.value}”。`);
    }
    if (option.multiple === true) (options[token.name] as string[] | undefined ?? (options[token.name] = [] as string[])).push(token.value);
    else if (options[token.name] !== undefined) return usage(`Option --${token.name} is given twice; it can be given once.`, `选项 --${token.name} 给了两次，只能给一次。`);
    else options[token.name] = token.value;
  }
  if (options['help'] === true) return ok({ options, positionals });

  for (const [name, option] of Object.entries(table)) {
    if (option.type === 'flag') options[name] ??= false;
    else if (option.multiple === true) options[name] ??= [];
    if (option.type === 'value' && option.required === true && (options[name] === undefined || (Array.isArray(options[name]) && options[name].length === 0))) {
      return usage(`"${command.name}" needs --${name} ${option.value}.`, `“${command.name}”需要 --${name} ${option.value}。`);
    }
  }
  const expected = command.positionals ?? [];
  const missing = expected[positionals.length];
  if (missing !== undefined && missing.optional !== true) return usage(`"${command.name}" needs ${missing.name}.`, `“${command.name}”缺少参数 ${missing.name}。`);
  const extra = positionals[expected.length];
  if (extra !== undefined) return usage(`"${command.name}" does not expect "${extra}".`, `“${command.name}”不接受参数“${extra}”。`);
  return ok({ options, positionals });
}

function unknownOption(rawName: string, names: readonly string[]) {
  const meant = nearest(rawName.replace(/^-+/, ''), names);
  const hint: Text = meant === null ? text('', '') : text(` Did you mean --${meant}?`, `您是否想用 --${meant}？`);
  return usage(`There is no option ${rawName}.${hint.en}`, `没有选项 ${rawName}。${hint.zh}`);
}
