/** HiGHS (University of Edinburgh, MIT), compiled to WebAssembly: one thread, fixed seed, no time limit, so that replay decides the same. */
import highsModule from 'highs';
import type { LinearSolver } from './linear.ts';

// The package's types describe its CommonJS form; what Node imports is the ES module, whose default is the loader itself.
const load = highsModule as unknown as typeof highsModule.default;

/** Loading takes a fifth of a second and 20 MB: only where linked tables with several hierarchies are to be protected. */
export async function loadSolver(): Promise<LinearSolver> {
  const highs = await load();
  const solve = (program: string) => {
    // Making a small program smaller takes longer than solving it; not so where whole numbers are asked for.
    const presolve = program.includes('\nGenerals') ? 'on' : 'off';
    const solution = highs.solve(program, { output_flag: false, random_seed: 0, threads: 1, parallel: 'off', mip_max_nodes: 200, presolve });
    if (solution.Status !== 'Optimal') return null;
    return { solution, values: new Map(Object.entries(solution.Columns).map(([name, column]) => [name, 'Primal' in column ? column.Primal : 0])) };
  };
  return Object.assign((program: string) => solve(program)?.values ?? null, {
    withMultipliers: (program: string) => {
      const found = solve(program);
      return found === null ? null : { values: found.values, multipliers: new Map(found.solution.Rows.flatMap((row) => ('Dual' in row ? [[row.Name, row.Dual] as const] : []))) };
    },
  });
}
