/** Help texts, made from the command table so that they cannot differ from it. */
import type { Language, Text } from '#contract/text.ts';
import { text } from '#contract/text.ts';
import { GLOBAL_OPTIONS } from './arguments.ts';
import type { Command, OptionTable } from './command.ts';
import { STATUS_MEANING } from './outcome.ts';
import { padEnd } from './output/width.ts';

const WORDS = {
  title: text('Sluice: a data sandbox for the authorized operation of public data', 'Sluice 数闸：公共数据授权运营的数据沙箱'),
  usage: text('Usage', '用法'),
  commands: text('Commands', '命令'),
  options: text('Options', '选项'),
  everywhere: text('Options of every command', '各命令通用选项'),
  examples: text('Examples', '示例'),
  statuses: text('Exit status', '退出状态'),
  more: text('`sluice help COMMAND` explains one command: `sluice help job submit`.', '`sluice help 命令` 查看某个命令的说明，如 `sluice help job submit`。'),
  required: text('required', '必填'),
  repeats: text('may be repeated', '可重复'),
} as const satisfies Record<string, Text>;

export function overview(commands: readonly Command[], language: Language): string {
  return [
    WORDS.title[language],
    '',
    `${WORDS.usage[language]}: sluice COMMAND [--json] [--server URL] …`,
    '',
    `${WORDS.commands[language]}:`,
    ...columns(commands.map((command) => [command.name, command.summary[language]])),
    '',
    `${WORDS.everywhere[language]}:`,
    ...optionLines(GLOBAL_OPTIONS, language),
    '',
    `${WORDS.statuses[language]}:`,
    ...columns(STATUS_MEANING.map(([status, meaning]) => [String(status), meaning[language]])),
    '',
    WORDS.more[language],
    '',
  ].join('\n');
}

/** Of commands whose names begin alike: how each is called, and where the rest is said. */
export function groupHelp(commands: readonly Command[], language: Language): string {
  const each = commands.flatMap((command) => [`  sluice ${usageOf(command)}`, `      ${command.summary[language]}`]);
  return [`${WORDS.commands[language]}:`, ...each, '', WORDS.more[language], ''].join('\n');
}

export function helpOf(command: Command, language: Language): string {
  const lines = [command.summary[language], '', `${WORDS.usage[language]}: sluice ${usageOf(command)}`];
  if (Object.keys(command.options).length > 0) lines.push('', `${WORDS.options[language]}:`, ...optionLines(command.options, language));
  lines.push('', `${WORDS.everywhere[language]}:`, ...optionLines(GLOBAL_OPTIONS, language));
  if (command.notes !== undefined) lines.push('', command.notes[language]);
  lines.push('', `${WORDS.examples[language]}:`, ...command.examples.map((example) => `  sluice ${example}`), '');
  return lines.join('\n');
}

export function usageOf(command: Command): string {
  const positionals = (command.positionals ?? []).map(({ name, optional }) => (optional === true ? `[${name}]` : name));
  const options = Object.entries(command.options).map(([name, option]) => {
    if (option.type === 'flag') return `[--${name}]`;
    const said = `--${name} ${option.value}`;
    const repeated = option.multiple === true ? ' …' : '';
    return option.required === true ? `${said}${repeated}` : `[${said}${repeated}]`;
  });
  return [command.name, ...positionals, ...options].join(' ');
}

function optionLines(options: OptionTable, language: Language): string[] {
  return columns(Object.entries(options).map(([name, option]) => {
    if (option.type === 'flag') return [`--${name}`, option.help[language]];
    const marks = [option.required === true && WORDS.required[language], option.multiple === true && WORDS.repeats[language]].filter((mark) => mark !== false);
    const short = option.short === undefined ? '' : `-${option.short}, `;
    return [`${short}--${name} ${option.value}`, option.help[language] + (marks.length > 0 ? ` (${marks.join(', ')})` : '')];
  }));
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${padEnd(left, width)}  ${right}`);
}
