import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: ['default'],
    // As Node loads and runs the code in service: through the module runner every call into another file takes longer, and all takes a quarter more time.
    experimental: { viteModuleRunner: false, nodeLoader: false },
    // Each file has a process of its own, which starts from what others compiled.
    env: { NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/sluice-tests', import.meta.url)) },
  },
});
