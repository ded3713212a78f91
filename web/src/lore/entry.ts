/**
 * An entry as the page edits it, whether it lies in a world or in the lorebook of a card. Words instead of numbers;
 * what a file says besides stays in the file and is not here.
 */

export const PLACES = [
  'before',
  'after',
  'note_top',
  'note_bottom',
  'in_chat',
  'examples_top',
  'examples_bottom',
  'outlet',
] as const
export const LOGICS = ['and_any', 'not_all', 'not_any', 'and_all'] as const
export const ROLES = ['system', 'user', 'assistant'] as const
export const TRIGGERS = ['normal', 'continue', 'impersonate', 'swipe', 'regenerate', 'quiet'] as const
export const SOURCES = ['persona', 'description', 'personality', 'card_note', 'scenario', 'creator_notes'] as const
/** How an entry wakes: always, by its keys, or by likeness of meaning (keys count, too). */
export const STRATEGIES = ['constant', 'keyed', 'vector'] as const

export type Place = (typeof PLACES)[number] | 'nowhere'
export type Logic = (typeof LOGICS)[number]
export type Role = (typeof ROLES)[number]
export type Source = (typeof SOURCES)[number]
export type Strategy = (typeof STRATEGIES)[number]

export interface EntryFilter {
  excludes: boolean
  /** What SillyTavern calls a character: its picture's file without the ending; here also an id. */
  names: string[]
  tags: string[]
}

export interface EntryFields {
  title: string
  content: string
  keys: string[]
  secondary_keys: string[]
  selective: boolean
  logic: Logic
  constant: boolean
  vectorized: boolean
  disabled: boolean
  order: number
  place: Place
  depth: number
  role: Role
  outlet: string
  ignore_budget: boolean
  exclude_recursion: boolean
  prevent_recursion: boolean
  /** 0: no delay; 1 and more: the level at which it may run first. */
  delay_until_recursion: number
  probability: number
  use_probability: boolean
  /** Names of groups as written, with commas between them. */
  group_text: string
  group_override: boolean
  group_weight: number
  group_scoring: boolean | null
  scan_depth: number | null
  case_sensitive: boolean | null
  whole_words: boolean | null
  sticky: number | null
  cooldown: number | null
  delay: number | null
  triggers: string[]
  filter: EntryFilter | null
  matches: Source[]
  automation_id: string
}

export const FRESH: Readonly<EntryFields> = {
  title: '',
  content: '',
  keys: [],
  secondary_keys: [],
  selective: true,
  logic: 'and_any',
  constant: false,
  vectorized: false,
  disabled: false,
  order: 100,
  place: 'before',
  depth: 4,
  role: 'system',
  outlet: '',
  ignore_budget: false,
  exclude_recursion: false,
  prevent_recursion: false,
  delay_until_recursion: 0,
  probability: 100,
  use_probability: true,
  group_text: '',
  group_override: false,
  group_weight: 100,
  group_scoring: null,
  scan_depth: null,
  case_sensitive: null,
  whole_words: null,
  sticky: null,
  cooldown: null,
  delay: null,
  triggers: [],
  filter: null,
  matches: [],
  automation_id: '',
}

/** Fields that people rarely touch, by the part of the sheet they are in; a part tells how many differ from fresh ones. */
export const PARTS = {
  recursion: ['exclude_recursion', 'prevent_recursion', 'delay_until_recursion', 'ignore_budget'],
  group: ['group_text', 'group_override', 'group_weight', 'group_scoring'],
  time: ['sticky', 'cooldown', 'delay'],
  filters: ['triggers', 'filter'],
  scan: ['scan_depth', 'case_sensitive', 'whole_words', 'matches'],
  other: ['automation_id'],
} as const satisfies Record<string, readonly (keyof EntryFields)[]>

export function touched(entry: EntryFields, part: keyof typeof PARTS): number {
  return PARTS[part].filter((name) => JSON.stringify(entry[name]) !== JSON.stringify(FRESH[name])).length
}

/** Where an entry is both, it is constant: so do the engine and SillyTavern. */
export function strategyOf(entry: Pick<EntryFields, 'constant' | 'vectorized'>): Strategy {
  return entry.constant ? 'constant' : entry.vectorized ? 'vector' : 'keyed'
}

export function asStrategy(strategy: Strategy): Pick<EntryFields, 'constant' | 'vectorized'> {
  return { constant: strategy === 'constant', vectorized: strategy === 'vector' }
}

export function groupsOf(entry: Pick<EntryFields, 'group_text'>): string[] {
  return entry.group_text
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean)
}

/** A key between slashes is a pattern of JavaScript. */
export function isPattern(key: string): boolean {
  return /^\/[\s\S]+\/[a-z]*$/.test(key)
}

/** What differs between two versions, field by field. Asked of ten thousand entries at once: most fields are the very same. */
export function differing<T extends object>(one: T, other: T): (keyof T)[] {
  return (Object.keys({ ...one, ...other }) as (keyof T)[]).filter(
    (name) => one[name] !== other[name] && JSON.stringify(one[name]) !== JSON.stringify(other[name]),
  )
}
