/** Entries of a card's lorebook. */
import type { Book, BookEntry } from '@/api/schema'

const ORDER_FIRST = 100

export function emptyBook(): Book {
  return {
    name: null,
    description: null,
    scan_depth: null,
    token_budget: null,
    recursive_scanning: null,
    extensions: {},
    entries: [],
  }
}

/** An entry that comes after all there are. */
export function freshEntry(entries: readonly BookEntry[]): BookEntry {
  const order = entries.length ? Math.max(...entries.map((one) => one.insertion_order)) + 1 : ORDER_FIRST
  return {
    keys: [],
    content: '',
    extensions: {},
    enabled: true,
    insertion_order: order,
    case_sensitive: null,
    use_regex: false,
    constant: false,
    name: '',
    priority: null,
    id: null,
    comment: '',
    selective: null,
    secondary_keys: null,
    position: 'before_char',
  }
}

/** Two neighbours change places, on the page and in the order in which they enter the prompt. */
export function exchanged(entries: readonly BookEntry[], index: number, by: -1 | 1): BookEntry[] {
  const one = entries[index]
  const other = entries[index + by]
  if (!one || !other) return [...entries]
  const order = one.insertion_order
  one.insertion_order = other.insertion_order
  other.insertion_order = order
  const next = [...entries]
  next[index] = other
  next[index + by] = one
  return next
}

export function titleOf(entry: BookEntry): string {
  return entry.name?.trim() || entry.comment?.trim() || ''
}
