/** Values that can be recognised in whatever form they turn up, and the search for them. */

/** In every protected text. */
export const MARK = 'CANARYq7';
export const canaryText = (rest: string): string => `${MARK}${rest}`;

/**
 * Protected 64-bit integers are this number plus a little: the upper bytes, and the first digits, are always the same.
 */
export const SCORE_BASE = 0x00C0FFEE5EAD0000n;
const SCORE_BYTES = Buffer.from('c0ffee5ead', 'hex');

/** A form of a value, as the bytes to search for. */
export interface Needle {
  readonly what: string;
  readonly bytes: Buffer;
}

/** Base64 of a text depends on where in a group of three bytes it begins; only what the text alone decides is searched for. */
function base64Forms(text: string): string[] {
  const bytes = Buffer.from(text);
  return [0, 1, 2].map((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64').replace(/=+$/, '');
    const from = shift === 0 ? 0 : shift + 1;
    const rest = (shift + bytes.length) % 3;
    return encoded.slice(from, rest === 0 ? undefined : -1);
  });
}

const swapped = (bytes: Buffer): Buffer => Buffer.from(bytes).reverse();

/** Every form of a text: as it is, UTF-16, base64 and base64url, hex, percent and backslash escapes. */
export function textNeedles(text: string): Needle[] {
  const utf8 = Buffer.from(text);
  const of = (what: string, bytes: Buffer | string): Needle => ({ what: `${text}: ${what}`, bytes: typeof bytes === 'string' ? Buffer.from(bytes) : bytes });
  const needles = [
    of('clear', utf8), of('UTF-16LE', Buffer.from(text, 'utf16le')), of('UTF-16BE', Buffer.from(text, 'utf16le').swap16()),
    of('hex', utf8.toString('hex')), of('HEX', utf8.toString('hex').toUpperCase()), of('reversed', [...text].reverse().join('')),
    of('\\x escapes', utf8.toString('hex').replaceAll(/../g, (pair) => `\\x${pair}`)), of('\\X escapes', utf8.toString('hex').toUpperCase().replaceAll(/../g, (pair) => `\\x${pair}`)),
    ...base64Forms(text).flatMap((form) => [of('base64', form), of('base64url', form.replaceAll('+', '-').replaceAll('/', '_'))]),
  ];
  const lower = text.toLowerCase();
  return lower === text ? needles : [...needles, of('lower case', lower), of('upper case', text.toUpperCase())];
}

/** Decimal digits in clear (and as text forms), and the 64-bit integer in both byte orders. For numbers of at least seven digits. */
export function numberNeedles(number: bigint): Needle[] {
  const big = Buffer.alloc(8);
  big.writeBigInt64BE(number);
  const text = String(number);
  return [
    ...textNeedles(text).filter(({ what }) => !what.endsWith('reversed')),
    { what: `${text}: little-endian`, bytes: swapped(big) }, { what: `${text}: big-endian`, bytes: big }, { what: `${text}: hex digits`, bytes: Buffer.from(number.toString(16)) },
  ];
}

/** An amount like 1234567.89: its digits with and without the point, its hundredths as an integer, its double. */
export function amountNeedles(amount: string): Needle[] {
  const double = Buffer.alloc(8);
  double.writeDoubleLE(Number(amount));
  return [
    { what: `${amount}: clear`, bytes: Buffer.from(amount) }, ...numberNeedles(BigInt(amount.replace('.', ''))),
    { what: `${amount}: double`, bytes: double }, { what: `${amount}: double BE`, bytes: swapped(double) },
  ];
}

/** Of every protected text and 64-bit integer of the vault. */
export function markNeedles(): Needle[] {
  return [
    ...textNeedles(MARK),
    ...textNeedles(String(SCORE_BASE).slice(0, 11)).filter(({ what }) => !what.endsWith('reversed')),
    { what: 'score: big-endian', bytes: SCORE_BYTES }, { what: 'score: little-endian', bytes: swapped(SCORE_BYTES) },
    { what: 'score: hex', bytes: Buffer.from(SCORE_BYTES.toString('hex')) },
  ];
}

/** What of `needles` is in `bytes`. */
export function found(bytes: Buffer, needles: readonly Needle[]): string[] {
  return needles.filter((needle) => bytes.includes(needle.bytes)).map(({ what }) => what);
}
