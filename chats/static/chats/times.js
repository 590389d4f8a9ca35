// Times in the reader's time zone and language.

const DAY = 86_400_000;
const clock = new Intl.DateTimeFormat([], { hour: "numeric", minute: "2-digit" });
const weekday = new Intl.DateTimeFormat([], { weekday: "long" });
const shortDate = new Intl.DateTimeFormat([], { day: "numeric", month: "short" });
const longDate = new Intl.DateTimeFormat([], { weekday: "long", day: "numeric", month: "long" });
const fullDate = new Intl.DateTimeFormat([], { day: "numeric", month: "long", year: "numeric" });
const everything = new Intl.DateTimeFormat([], { dateStyle: "full", timeStyle: "medium" });

export const clockTime = (iso) => clock.format(new Date(iso));
export const fullTime = (iso) => everything.format(new Date(iso));
export const dayKey = (iso) => new Date(iso).toDateString();

/** Days between then and today, by the calendar. */
function daysAgo(iso) {
  const midnight = (date) => new Date(date).setHours(0, 0, 0, 0);
  return Math.round((midnight(Date.now()) - midnight(iso)) / DAY);
}

/** For a line between two days: Today, Yesterday, Sunday, 22 November. */
export function dayName(iso) {
  const days = daysAgo(iso);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  const isThisYear = new Date(iso).getFullYear() === new Date().getFullYear();
  return (isThisYear ? longDate : fullDate).format(new Date(iso));
}

/** A day, without its year: 3 Nov. */
export const dateName = (iso) => shortDate.format(new Date(iso));

/** Of so many seconds: 25 s, 4:05, 2:00:00. */
export function durationName(seconds) {
  if (seconds < 60) return `${seconds} s`;
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].slice(seconds < 3600 ? 1 : 0);
  return parts.map((part, index) => (index ? String(part).padStart(2, "0") : part)).join(":");
}

/** Within a sentence: 13:25, or on another day 3 Nov, 13:25. */
export const momentName = (iso) => (daysAgo(iso) <= 0 ? clockTime(iso) : `${dateName(iso)}, ${clockTime(iso)}`);

/** For a list: 13:25, Yesterday, Friday, 3 Nov. */
export function shortTime(iso) {
  const days = daysAgo(iso);
  if (days <= 0) return clockTime(iso);
  if (days === 1) return "Yesterday";
  return days < 7 ? weekday.format(new Date(iso)) : dateName(iso);
}
