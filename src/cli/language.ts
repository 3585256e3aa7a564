/** Which language to speak: `--lang`, else SLUICE_LANG, else the environment as gettext reads it. */
import type { Language } from '#contract/text.ts';

export function languageOfEnvironment(env: Readonly<Record<string, string | undefined>>): Language {
  const locale = env['SLUICE_LANG'] || env['LC_ALL'] || env['LC_MESSAGES'] || env['LANG'] || '';
  return locale.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}
