/** Attacks that differ little from one another: `npm test` runs some of them, `npm run test:attacks` all. */
export const some = <T>(all: readonly T[], few: number): readonly T[] => (process.env['SLUICE_TEST_ATTACKS'] === 'all' ? all : all.slice(0, few));
