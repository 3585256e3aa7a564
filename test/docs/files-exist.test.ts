/** What the documents point at exists: links, and every path of this repository in code font. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = new URL('../../', import.meta.url).pathname;
const FOLDERS = ['contract', 'src', 'sandbox', 'policies', 'datasets', 'demo', 'bench', 'test', 'docs', 'scripts'];
const DOCUMENTS = ['README.md', 'README.zh-CN.md', ...globSync(['docs/**/*.md', 'datasets/**/*.md'], { cwd: ROOT })].filter((path) => existsSync(join(ROOT, path)));

/** Relative links, as paths from the root. */
function links(document: string, text: string): string[] {
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target.replace(/#.*$/, ''))
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target))
    .map((target) => normalize(join(dirname(document), target)));
}

/** `sandbox/release/release.ts`, `demo/` and the like. Codes of problems (`datasets/state`) have no ending; patterns with `*`, `<` or `…` say what belongs there, not what exists. */
function paths(text: string): string[] {
  return [...text.matchAll(/`([^`\s]+\/[^`\s]*)`/g)]
    .map(([, path = '']) => path)
    .filter((path) => FOLDERS.some((folder) => path.startsWith(`${folder}/`)) && /(\.[a-z]+|\/)$/.test(path) && !/[*<…{]/.test(path));
}

test.each(DOCUMENTS)('%s points at files that exist', (document) => {
  const text = readFileSync(join(ROOT, document), 'utf8');
  expect([...links(document, text), ...paths(text)].filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});

test('the documents were found', () => expect(DOCUMENTS.length).toBeGreaterThan(8));
