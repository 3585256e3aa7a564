/** Text for people, always in both languages of the product; which one is shown is decided at the edge. */
import { z } from 'zod';

export const LANGUAGES = ['en', 'zh'] as const;
export type Language = (typeof LANGUAGES)[number];

export const Text = z.strictObject({ en: z.string(), zh: z.string() });
export type Text = z.infer<typeof Text>;

export const text = (en: string, zh: string): Text => ({ en, zh });

/** A schema's own message in both languages, for `error:`, where zod has room for one string; split again at the edge. */
export const bilingual = (en: string, zh: string): string => `${en} ｜ ${zh}`;
