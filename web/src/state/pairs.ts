/** Where two versions of one thing differ, in the order of the fields that are named. */

export interface Pair {
  label: string
  mine: string
  theirs: string
}

/** `labels` names the fields that are worth showing; `show` says a value where its plain text is not enough. */
export function pairsOf<T extends object>(
  mine: T,
  theirs: T,
  labels: Partial<Record<keyof T & string, string>>,
  show: (name: keyof T & string, value: unknown) => string = (_, value) => plain(value),
): Pair[] {
  return (Object.entries(labels) as [keyof T & string, string][])
    .filter(([name]) => JSON.stringify(mine[name]) !== JSON.stringify(theirs[name]))
    .map(([name, label]) => ({ label, mine: show(name, mine[name]), theirs: show(name, theirs[name]) }))
}

export function plain(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (Array.isArray(value)) return value.map(plain).join(', ')
  return typeof value === 'object' ? JSON.stringify(value) : String(value as string | number | boolean)
}
