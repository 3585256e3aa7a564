/** Command line → command → exit status. The only place that prints a failure. */
import { parseArgs } from 'node:util';
import { ok, type Result } from '#contract/result.ts';
import { text, type Language } from '#contract/text.ts';
import { parseArguments } from './arguments.ts';
import type { Command } from './command.ts';
import { COMMANDS } from './commands.ts';
import { groupHelp, helpOf, overview } from './help.ts';
import type { Io, Session } from './io.ts';
import { languageOfEnvironment } from './language.ts';
import { nearest } from './nearest.ts';
import { STATUS, usage, type CliFailure, type Outcome, type Status } from './outcome.ts';
import { tokenOf } from './token.ts';

const DEFAULT_SERVER = 'http://127.0.0.1:8080';

/** `argv`: what follows `sluice`. */
export async function run(argv: readonly string[], io: Io): Promise<Status> {
  const language = languageAsked(argv) ?? languageOfEnvironment(io.env);
  const [first] = argv;
  if (first === undefined || first === '--help' || first === '-h') {
    io.out(overview(COMMANDS, language));
    return first === undefined ? STATUS.usage : STATUS.done;
  }
  if (first === 'help') {
    const { positionals } = parseArgs({ args: argv.slice(1), options: { lang: { type: 'string' } }, allowPositionals: true, strict: false });
    return report(help(positionals, io, language), io, language, false);
  }

  const found = findCommand(argv);
  if (!found.ok) return report(found, io, language, argv.includes('--json'));
  const parsed = parseArguments(found.value, argv.slice(found.value.name.split(' ').length));
  if (!parsed.ok) return report(parsed, io, language, argv.includes('--json'), found.value);
  const { options, positionals } = parsed.value;
  if (options['help'] === true) {
    io.out(helpOf(found.value, language));
    return STATUS.done;
  }
  const server = (options['server'] as string | undefined) ?? io.env['SLUICE_URL'] ?? DEFAULT_SERVER;
  const tokenFile = options['token-file'] as string | undefined;
  const session: Session = {
    ...io,
    language,
    json: options['json'] === true,
    server: server.replace(/\/+$/, ''),
    token: () => tokenOf(tokenFile, io.env, server),
  };
  return report(await found.value.run(session, options as never, positionals), io, language, session.json);
}

/** Needed before anything is parsed, so that every complaint is in it. */
function languageAsked(argv: readonly string[]): Language | null {
  const at = argv.indexOf('--lang');
  const asked = at >= 0 ? argv[at + 1] : argv.find((word) => word.startsWith('--lang='))?.slice('--lang='.length);
  return asked === 'en' || asked === 'zh' ? asked : null;
}

/** The longest name that the words begin with: `job submit` before `job`. */
function findCommand(words: readonly string[]): Result<Command, CliFailure> {
  const [first = '', second] = words;
  const exact = COMMANDS.find(({ name }) => name === `${first} ${second}`) ?? COMMANDS.find(({ name }) => name === first);
  if (exact !== undefined) return ok(exact);
  const group = COMMANDS.filter(({ name }) => name.startsWith(`${first} `));
  if (group.length > 0) {
    const verbs = group.map(({ name }) => name.slice(first.length + 1));
    if (second === undefined || second.startsWith('-')) return usage(`"${first}" needs one of: ${verbs.join(', ')}.`, `“${first}”之后须为下列之一：${verbs.join('、')}。`);
    const meant = nearest(second, verbs);
    return usage(
      `There is no "${first} ${second}"; "${first}" has: ${verbs.join(', ')}.${meant === null ? '' : ` Did you mean "${first} ${meant}"?`}`,
      `没有“${first} ${second}”；“${first}”可用：${verbs.join('、')}。${meant === null ? '' : `您是否想用“${first} ${meant}”？`}`,
    );
  }
  const meant = nearest(first, [...new Set(COMMANDS.map(({ name }) => name.split(' ')[0] ?? name))]);
  return usage(
    `There is no command "${first}".${meant === null ? ' `sluice help` lists them.' : ` Did you mean "${meant}"?`}`,
    `没有命令“${first}”。${meant === null ? '`sluice help` 列出全部命令。' : `您是否想用“${meant}”？`}`,
  );
}

function help(words: readonly string[], io: Io, language: Language): Outcome {
  if (words.length === 0) {
    io.out(overview(COMMANDS, language));
    return ok(STATUS.done);
  }
  const group = COMMANDS.filter(({ name }) => name === words.join(' ') || name.startsWith(`${words.join(' ')} `));
  if (group.length > 1) {
    io.out(groupHelp(group, language));
    return ok(STATUS.done);
  }
  const found = findCommand(words);
  if (found.ok) io.out(helpOf(found.value, language));
  return found.ok ? ok(STATUS.done) : found;
}

function report(outcome: Outcome, io: Io, language: Language, json: boolean, used?: Command): Status {
  if (outcome.ok) return outcome.value;
  const { status, message, lines = [], body } = outcome.error;
  if (json) io.out(`${JSON.stringify(body ?? { error: message[language], ...(lines.length > 0 && { details: lines }) })}\n`);
  io.err(`sluice: ${message[language]}\n${lines.map((line) => `${line}\n`).join('')}`);
  if (used !== undefined) io.err(`${text(`\`sluice help ${used.name}\` shows how it is used.`, `\`sluice help ${used.name}\` 查看用法。`)[language]}\n`);
  return status;
}
