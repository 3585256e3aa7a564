/** Days as text, `2024-02-29`, with or without a time of midnight; proleptic Gregorian, years 1 to 9999. */
import type { TimeLevel } from '../grid.ts';

interface Moment {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  /** Minutes, seconds and fractions are zero. */
  readonly onTheHour: boolean;
}

function read(text: string): Moment | null {
  const match = /^\s*(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?)?\s*$/.exec(text);
  if (match === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0] = match.slice(1, 5).map((part) => Number(part ?? 0));
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month) || hour > 23) return null;
  return { year, month, day, hour, onTheHour: Number(match[5] ?? 0) === 0 && Number(match[6] ?? 0) === 0 && Number(match[7] ?? 0) === 0 };
}

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

function daysIn(year: number, month: number): number {
  return month === 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** Days since 0001-01-01, a Monday. */
function dayNumber({ year, month, day }: Pick<Moment, 'year' | 'month' | 'day'>): number {
  const before = year - 1;
  let days = before * 365 + Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400);
  for (let m = 1; m < month; m++) days += daysIn(year, m);
  return days + day - 1;
}

/** Whether a unit of that level begins at this moment. */
export function isStartOf(level: TimeLevel, text: string): boolean {
  const moment = read(text);
  if (moment === null || !moment.onTheHour) return false;
  if (level === 'hour') return true;
  if (moment.hour !== 0) return false;
  switch (level) {
    case 'day': return true;
    case 'week': return dayNumber(moment) % 7 === 0;
    case 'month': return moment.day === 1;
    case 'quarter': return moment.day === 1 && moment.month % 3 === 1;
    case 'year': return moment.day === 1 && moment.month === 1;
  }
}

/** The day after a day; null where the text is not one, or has a time of day. */
export function nextDay(text: string): string | null {
  const moment = read(text);
  if (moment === null || moment.hour !== 0 || !moment.onTheHour) return null;
  const { year, month, day } = moment;
  if (day < daysIn(year, month)) return format(year, month, day + 1);
  return month < 12 ? format(year, month + 1, 1) : format(year + 1, 1, 1);
}

export function dayBefore(text: string): string | null {
  const moment = read(text);
  if (moment === null || moment.hour !== 0 || !moment.onTheHour) return null;
  const { year, month, day } = moment;
  if (day > 1) return format(year, month, day - 1);
  return month > 1 ? format(year, month - 1, daysIn(year, month - 1)) : format(year - 1, 12, 31);
}

function format(year: number, month: number, day: number): string {
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}
