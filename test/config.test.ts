import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cookiesAreSecure, effectiveConfig, loadConfig, publicOrigin } from '#src/config.ts';

let directory: string;
beforeAll(() => { directory = mkdtempSync(join(tmpdir(), 'sluice-config-')); });
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const file = (content: string) => {
  const path = join(directory, 'config.json');
  writeFileSync(path, content);
  return path;
};
const load = (env: Record<string, string>, path?: string) => {
  const loaded = loadConfig({ SLUICE_HOME: join(directory, 'home'), ...env }, path);
  if (!loaded.ok) throw new Error(loaded.error.message.en);
  return loaded.value;
};
const refusal = (env: Record<string, string>, path?: string) => {
  const loaded = loadConfig({ SLUICE_HOME: join(directory, 'home'), ...env }, path);
  return loaded.ok ? 'accepted' : loaded.error.message.en;
};

describe('configuration', () => {
  test('has safe defaults', () => {
    const config = load({});
    expect(config).toMatchObject({ host: '127.0.0.1', port: 8080, requireIsolation: false, metricsToken: null, trustProxy: false });
    expect(cookiesAreSecure(config)).toBe(false);
    expect(publicOrigin(config)).toBe('http://127.0.0.1:8080');
  });

  test('variables win over the file, field by field', () => {
    const path = file(JSON.stringify({ port: 1, workers: { concurrency: 7, memoryMb: 128 }, publicUrl: 'https://sluice.test/' }));
    const config = load({ SLUICE_PORT: '2', SLUICE_WORKERS_MEMORY_MB: '256', SLUICE_REQUIRE_ISOLATION: 'true', SLUICE_METRICS_TOKEN: '1234567890123456' }, path);
    expect(config).toMatchObject({ port: 2, workers: { concurrency: 7, memoryMb: 256 }, requireIsolation: true, metricsToken: '1234567890123456' });
    expect(cookiesAreSecure(config)).toBe(true);
    expect(publicOrigin(config)).toBe('https://sluice.test');
    expect(load({ SLUICE_CONFIG: path }).port).toBe(1);
  });

  test('shows itself without its secrets', () => {
    const shown = effectiveConfig(load({ SLUICE_METRICS_TOKEN: 'secret-secret-secret' }));
    expect(JSON.stringify(shown)).not.toContain('secret-secret');
    expect(shown).toMatchObject({ metricsToken: '********', port: 8080 });
    expect(effectiveConfig(load({}))).toMatchObject({ metricsToken: null });
  });

  test.each([
    [{ SLUICE_PROT: '1' }, '', 'SLUICE_PROT'],
    [{}, '{"prot": 1}', 'configuration: Unrecognized key: "prot"'],
    [{}, '{"workers": {"memory": 1}}', 'configuration/workers: Unrecognized key: "memory"'],
    [{ SLUICE_PORT: 'eighty' }, '', 'configuration/port: Invalid input: expected number'],
    [{ SLUICE_PORT: '65536' }, '', 'configuration/port'],
    [{ SLUICE_REQUIRE_ISOLATION: 'yes' }, '', 'expected boolean'],
    [{ SLUICE_PUBLIC_URL: 'ftp://x' }, '', 'http or https'],
    [{ SLUICE_SESSIONS_IDLE_SECONDS: '90000' }, '', 'sessions.idleSeconds must not exceed'],
    [{}, '[]', 'not a JSON object'],
    [{}, '{', 'not a JSON object'],
    [{ SLUICE_METRICS_TOKEN: 'tooshort' }, '', 'configuration/metricsToken'],
  ])('refuses %j %s', (env, content, says) => {
    const message = refusal(env, content === '' ? undefined : file(content));
    expect(message).toContain(says);
    expect(message).not.toContain('tooshort');
  });

  test('refuses a file that is not there', () => {
    expect(refusal({ SLUICE_CONFIG: join(directory, 'none.json') })).toContain('cannot be read');
  });
});
