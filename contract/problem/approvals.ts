/** Problems of applications, grants and policy approval. */

export const APPROVAL_PROBLEMS = {
} as const;
