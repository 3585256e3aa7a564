import { describe, expect, test } from 'vitest';
import { citizenIdCheckCharacter, parseCitizenId } from '#contract/identifier/citizen-id.ts';
import { creditCodeCheckCharacter, parseCreditCode } from '#contract/identifier/credit-code.ts';
import { isOrganisationCode, organisationCodeCheckCharacter } from '#contract/identifier/organisation-code.ts';

/** Every way to change one character of `text` to another of `alphabet`. */
function oneCharacterOff(text: string, alphabet: string): string[] {
  return [...text].flatMap((was, i) => [...alphabet].filter((c) => c !== was).map((c) => text.slice(0, i) + c + text.slice(i + 1)));
}

describe('citizen id', () => {
  test('the examples of GB 11643-1999, annex A', () => {
    expect(parseCitizenId('11010519491231002X')).toEqual({ region: '110105', birthDate: '1949-12-31', sex: 'female' });
    expect(parseCitizenId('440524188001010014')).toEqual({ region: '440524', birthDate: '1880-01-01', sex: 'male' });
  });
  test('any single wrong character is found', () => {
    for (const wrong of oneCharacterOff('11010519491231002X', '0123456789X')) expect(parseCitizenId(wrong), wrong).toBeNull();
  });
  test('a date that the calendar does not have is refused, whatever the check character', () => {
    for (const date of ['19490230', '19491301', '19490431', '19000229', '20230229', '19490100']) {
      const body = `110105${date}002`;
      expect(parseCitizenId(body + citizenIdCheckCharacter(body)), date).toBeNull();
    }
    const leapDay = '11010520000229002';
    expect(parseCitizenId(leapDay + citizenIdCheckCharacter(leapDay))?.birthDate).toBe('2000-02-29');
  });
  test('other shapes are refused', () => {
    for (const text of ['', '11010519491231002x', '110105491231002', ' 11010519491231002X', '11010519491231002X\n', '1101051949123100２X'])
      expect(parseCitizenId(text)).toBeNull();
    expect(() => citizenIdCheckCharacter('1101051949123100')).toThrow(RangeError);
  });
});

describe('unified social credit code', () => {
  test('the worked example of GB 32100-2015: weighted sum 1640, check character 3', () => {
    expect(creditCodeCheckCharacter('91350100M000100Y4')).toBe('3');
    expect(parseCreditCode('91350100M000100Y43')).toEqual({ department: '9', kind: '1', region: '350100', organisation: 'M000100Y4' });
    expect(parseCreditCode('91350100M000100Y4Z')).toBeNull();
  });
  test('any single wrong character is found', () => {
    for (const wrong of oneCharacterOff('91350100M000100Y43', '0123456789ABCDEFGHJKLMNPQRTUWXY')) expect(parseCreditCode(wrong), wrong).toBeNull();
  });
  test('letters that the standard leaves out, and other shapes, are refused', () => {
    for (const letter of 'IOSVZ') expect(() => creditCodeCheckCharacter(`91350100M000100Y${letter}`)).toThrow(RangeError);
    for (const text of ['', '91350100m000100y43', '91350100M000100Y4', '913501M00100Y43210']) expect(parseCreditCode(text)).toBeNull();
  });
});

describe('organisation code', () => {
  test('the example of GB 11714-1997', () => {
    expect(organisationCodeCheckCharacter('D2143569')).toBe('X');
    expect(isOrganisationCode('D2143569-X')).toBe(true);
    expect(isOrganisationCode('D2143569X')).toBe(true);
  });
  test('the code inside the example of GB 32100-2015 is one', () => expect(isOrganisationCode('M000100Y4')).toBe(true));
  test('any other check character is refused', () => {
    for (const check of '0123456789') expect(isOrganisationCode(`D2143569-${check}`)).toBe(false);
  });
});
