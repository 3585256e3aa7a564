/** Problems of datasets and policies. */

export const CATALOG_PROBLEMS = {
} as const;
