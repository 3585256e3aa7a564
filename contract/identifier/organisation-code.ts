/**
 * 组织机构代码, the organisation code (GB 11714-1997): eight characters (digits or capital letters) and a check character.
 * It is the core of the unified social credit code (characters 9 to 17).
 */
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const WEIGHTS = [3, 7, 9, 10, 5, 8, 4, 2] as const;

/**
 * The ninth character for the first eight: 11 − (Σ value·weight mod 11), where 10 is written `X` and 11 is `0`.
 * @param body eight characters of 0-9A-Z; throws on anything else, which is a bug of the caller.
 */
export function organisationCodeCheckCharacter(body: string): string {
  if (!/^[0-9A-Z]{8}$/.test(body)) throw new RangeError('organisation code: the body is eight digits or capital letters');
  let sum = 0;
  for (const [i, weight] of WEIGHTS.entries()) sum += ALPHABET.indexOf(body.charAt(i)) * weight;
  const check = 11 - (sum % 11);
  return check === 10 ? 'X' : check === 11 ? '0' : String(check);
}

/** Accepts `D2143569X` and the printed form `D2143569-X`. */
export function isOrganisationCode(text: string): boolean {
  const match = /^([0-9A-Z]{8})-?([0-9X])$/.exec(text);
  return match !== null && organisationCodeCheckCharacter(match[1] ?? '') === match[2];
}
