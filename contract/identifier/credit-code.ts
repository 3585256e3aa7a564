/**
 * 统一社会信用代码, the unified social credit code (GB 32100-2015), eighteen characters: registering department, kind of
 * organisation, six digits of administrative division, nine characters of organisation code (GB 11714), check character.
 */
export interface CreditCode {
  /** Registering department, one character: 9 is market regulation (工商). */
  readonly department: string;
  /** Kind of organisation within the department, one character. */
  readonly kind: string;
  /** Administrative division of the registering office, six digits. */
  readonly region: string;
  /** Organisation code with its own check character, nine characters. */
  readonly organisation: string;
}

/** The value of a character is its place here; I, O, S, V and Z are not used. */
const ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY';
/** 3^(i−1) mod 31. */
const WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28] as const;

/**
 * The eighteenth character for the first seventeen: 31 − (Σ value·weight mod 31), where 31 is `0`.
 * @param body seventeen characters of the alphabet; throws on anything else, which is a bug of the caller.
 */
export function creditCodeCheckCharacter(body: string): string {
  if (!/^[0-9A-HJ-NP-RTUWXY]{17}$/.test(body)) throw new RangeError('credit code: the body is seventeen characters of GB 32100');
  let sum = 0;
  for (const [i, weight] of WEIGHTS.entries()) sum += ALPHABET.indexOf(body.charAt(i)) * weight;
  return ALPHABET.charAt((31 - (sum % 31)) % 31);
}

/**
 * The parts of a well-formed code, or null: wrong shape or wrong check character. The organisation code's own check
 * character is not required to hold: codes issued for sole traders do not always keep it.
 */
export function parseCreditCode(text: string): CreditCode | null {
  const match = /^([0-9A-HJ-NP-RTUWXY])([0-9A-HJ-NP-RTUWXY])(\d{6})([0-9A-HJ-NP-RTUWXY]{9})[0-9A-HJ-NP-RTUWXY]$/.exec(text);
  if (match === null || creditCodeCheckCharacter(text.slice(0, 17)) !== text.charAt(17)) return null;
  const [, department = '', kind = '', region = '', organisation = ''] = match;
  return { department, kind, region, organisation };
}
