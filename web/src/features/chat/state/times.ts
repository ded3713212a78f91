/** A moment, as short as the reader needs it: the hour of today, the day of this year, else the date. */
export function shortTime(moment: string, locale: string, now = new Date()): string {
  const when = new Date(moment)
  if (when.toDateString() === now.toDateString())
    return new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' }).format(when)
  if (when.getFullYear() === now.getFullYear())
    return new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' }).format(when)
  return new Intl.DateTimeFormat(locale, { dateStyle: 'short' }).format(when)
}
