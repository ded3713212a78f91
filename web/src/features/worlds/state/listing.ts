/** Which entries of a world are shown, and in which order. Ten thousand take some milliseconds. */
import { groupsOf, strategyOf, type EntryFields, type Place, type Strategy } from '@/lore/entry'

export interface Entry extends EntryFields {
  /** Its number in the world, as text. */
  id: string
  uid: number
  revision: number
  /** Ours, not SillyTavern's: a name, or a path with slashes. */
  folder: string
  /** Its place in the world as arranged by hand. */
  rank: number
  /** Characters of the whole content: in a list it is cut. */
  length: number
}

export const SORTS = ['arranged', 'prompt', 'title', 'length', 'newest'] as const
export type Sort = (typeof SORTS)[number]

export interface Filter {
  search: string
  status: 'on' | 'off' | null
  strategy: Strategy | null
  place: Place | null
  group: string | null
  folder: string | null
}

export const NO_FILTER: Readonly<Filter> = { search: '', status: null, strategy: null, place: null, group: null, folder: null }

export type Row = { kind: 'entry'; id: string; entry: Entry } | { kind: 'folder'; id: string; folder: string; count: number; shut: boolean }

export function narrowed(filter: Filter): boolean {
  return !!filter.search.trim() || [filter.status, filter.strategy, filter.place, filter.group, filter.folder].some((one) => one !== null)
}

export function shownOf(entries: readonly Entry[], filter: Filter, sort: Sort): Entry[] {
  const words = filter.search.trim().toLowerCase().split(/\s+/).filter(Boolean)
  const shown = entries.filter((entry) => fits(entry, filter) && words.every((word) => textOf(entry).includes(word)))
  return shown.sort(ORDERS[sort])
}

/** Entries under the headings of their folders; those without one come first. One without any folder is a plain list. */
export function rowsOf(entries: readonly Entry[], shut: ReadonlySet<string>, folded: boolean): Row[] {
  if (!folded || !entries.some((entry) => entry.folder)) return entries.map(rowOf)
  const folders = new Map<string, Entry[]>()
  for (const entry of entries) {
    const there = folders.get(entry.folder)
    if (there) there.push(entry)
    else folders.set(entry.folder, [entry])
  }
  const names = [...folders.keys()].filter(Boolean).sort(collator.compare)
  return [
    ...(folders.get('') ?? []).map(rowOf),
    ...names.flatMap((folder): Row[] => {
      const inside = folders.get(folder)!
      const heading: Row = { kind: 'folder', id: `folder:${folder}`, folder, count: inside.length, shut: shut.has(folder) }
      return shut.has(folder) ? [heading] : [heading, ...inside.map(rowOf)]
    }),
  ]
}

/** What can be chosen in the filters, with how many entries each would leave. */
export function facetsOf(entries: readonly Entry[]) {
  const groups = new Map<string, number>()
  const folders = new Map<string, number>()
  const places = new Map<Place, number>()
  for (const entry of entries) {
    for (const group of groupsOf(entry)) groups.set(group, (groups.get(group) ?? 0) + 1)
    if (entry.folder) folders.set(entry.folder, (folders.get(entry.folder) ?? 0) + 1)
    places.set(entry.place, (places.get(entry.place) ?? 0) + 1)
  }
  return { groups: sorted(groups), folders: sorted(folders), places }
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })
const arranged = (a: Entry, b: Entry) => a.rank - b.rank || a.uid - b.uid
const ORDERS: Record<Sort, (a: Entry, b: Entry) => number> = {
  arranged,
  // As in the prompt: what has the higher order stands lower.
  prompt: (a, b) => a.order - b.order || arranged(a, b),
  title: (a, b) => collator.compare(nameOf(a), nameOf(b)) || arranged(a, b),
  length: (a, b) => b.length - a.length || arranged(a, b),
  newest: (a, b) => b.uid - a.uid,
}

/** What stands for an entry in a list: its title, else its keys. */
export function nameOf(entry: Pick<Entry, 'title' | 'keys'>): string {
  return entry.title.trim() || entry.keys.join(', ')
}

function rowOf(entry: Entry): Row {
  return { kind: 'entry', id: entry.id, entry }
}

function fits(entry: Entry, filter: Filter): boolean {
  if (filter.status && (filter.status === 'off') !== entry.disabled) return false
  if (filter.strategy && strategyOf(entry) !== filter.strategy) return false
  if (filter.place && entry.place !== filter.place) return false
  if (filter.group !== null && !groupsOf(entry).includes(filter.group)) return false
  return filter.folder === null || entry.folder === filter.folder
}

const texts = new WeakMap<Entry, string>()

function textOf(entry: Entry): string {
  let text = texts.get(entry)
  if (text === undefined) {
    text = [entry.title, ...entry.keys, ...entry.secondary_keys, entry.content, entry.group_text, entry.outlet, entry.automation_id]
      .join('\n')
      .toLowerCase()
    texts.set(entry, text)
  }
  return text
}

function sorted(counts: Map<string, number>): { name: string; count: number }[] {
  return [...counts].map(([name, count]) => ({ name, count })).sort((a, b) => collator.compare(a.name, b.name))
}
