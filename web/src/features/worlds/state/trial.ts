/** What a trial says of each entry, in words. */
import type { TriedEntry } from '@/api/schema'
import { LOGICS } from '@/lore/entry'

type Words = (key: string, named?: Record<string, unknown>) => string

const KNOWN = [
  'constant',
  'key',
  'sticky',
  'decorator',
  'secondary',
  'trigger',
  'character',
  'tag',
  'delay',
  'cooldown',
  'recursion_only',
  'not_by_recursion',
  'suppressed',
  'group',
  'group_score',
  'chance',
  'budget',
  'no_key',
  'no_keys',
  'disabled',
]
/** Details that are said with the words, as they are or only their number; others are the server's notes to itself. */
const TELLING = ['key', 'group', 'group_score', 'chance']
const COUNTING = ['delay', 'cooldown', 'recursion_only', 'budget']

const SILENT = ['no_key', 'no_keys', 'disabled'] as const
type Silent = (typeof SILENT)[number]

export function reasonOf(one: TriedEntry, t: Words): string {
  if (!KNOWN.includes(one.reason)) return one.reason
  if (one.reason === 'secondary' && (LOGICS as readonly string[]).includes(one.detail))
    return t('worlds.verdict_secondary_by', { logic: t(`worlds.logic_${one.detail}`) })
  const number = COUNTING.includes(one.reason) ? (/\d+/.exec(one.detail)?.[0] ?? '') : ''
  const detail = TELLING.includes(one.reason) ? one.detail : number
  return t(`worlds.verdict_${one.reason}`, { detail })
}

/** Entries that nothing called, grouped by what can be seen of them here: most of a world. */
export function silentOf(entries: readonly TriedEntry[]): { reason: Silent; entries: TriedEntry[] }[] {
  return SILENT.map((reason) => ({ reason, entries: entries.filter((one) => one.reason === reason) })).filter((group) => group.entries.length)
}

export function isSilent(one: TriedEntry): boolean {
  return (SILENT as readonly string[]).includes(one.reason)
}
