/**
 * fast-check with a seed of its own choice only where one asks for it: a test that fails today fails tomorrow. `SLUICE_TEST_SEED=$(date +%s) npm test`
 * tries other data and queries; what fails prints its seed.
 */
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env['SLUICE_TEST_SEED'] ?? 20_261_126) });

export { default } from 'fast-check';
