/** 共享模式: in which form an authorized operator gets something out of the data (001 第三十五条: models, verification and the like). */
import { z } from 'zod';

/** `statistics`: released tables of SQL jobs. `model`: parameters of models. `verification`: yes or no about one person or company. */
export const SharingMode = z.enum(['statistics', 'model', 'verification']);
export type SharingMode = z.infer<typeof SharingMode>;
