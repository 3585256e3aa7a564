/**
 * 公民身份号码, the citizen identification number (GB 11643-1999): six digits of administrative division, eight of birth
 * date, three of sequence (odd: male, even: female) and a check character (ISO 7064 MOD 11-2).
 * Region, birth date and sex are quasi-identifiers in themselves: masking the last digits hides none of them.
 */
export interface CitizenId {
  /** Administrative division of the first registration, six digits (GB/T 2260). */
  readonly region: string;
  /** `YYYY-MM-DD`, a date of the calendar. */
  readonly birthDate: string;
  readonly sex: 'male' | 'female';
}

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2] as const;
/** Indexed by the weighted sum modulo 11. */
const CHECK_CHARACTERS = '10X98765432';
const ZERO = 48;

/**
 * The eighteenth character for the first seventeen digits.
 * @param body seventeen ASCII digits; throws on anything else, which is a bug of the caller.
 */
export function citizenIdCheckCharacter(body: string): string {
  if (!/^\d{17}$/.test(body)) throw new RangeError('citizen id: the body is seventeen digits');
  let sum = 0;
  for (const [i, weight] of WEIGHTS.entries()) sum += (body.charCodeAt(i) - ZERO) * weight;
  return CHECK_CHARACTERS.charAt(sum % 11);
}

/**
 * What a well-formed number says, or null: wrong shape, impossible date, or wrong check character. A lower-case `x` is
 * not accepted. Whether the division was ever assigned is not looked at.
 */
export function parseCitizenId(text: string): CitizenId | null {
  const match = /^(\d{6})(\d{4})(\d{2})(\d{2})(\d{3})[\dX]$/.exec(text);
  if (match === null) return null;
  const [, region = '', year = '', month = '', day = '', sequence = ''] = match;
  if (!isCalendarDate(Number(year), Number(month), Number(day))) return null;
  if (citizenIdCheckCharacter(text.slice(0, 17)) !== text.charAt(17)) return null;
  return { region, birthDate: `${year}-${month}-${day}`, sex: Number(sequence) % 2 === 1 ? 'male' : 'female' };
}

function isCalendarDate(year: number, month: number, day: number): boolean {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];
  return days !== undefined && day >= 1 && day <= days;
}
