/** What a trial says of each entry, in words. */
import type { TriedEntry, WorldTrial } from '@/api/schema'
import { LOGICS } from '@/lore/entry'
import type { Entry } from './listing'

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

export function reasonOf(one: TriedEntry, t: Words): string {
  if (!KNOWN.includes(one.verdict)) return one.verdict
  if (one.verdict === 'secondary' && (LOGICS as readonly string[]).includes(one.detail))
    return t('worlds.verdict_secondary_by', { logic: t(`worlds.logic_${one.detail}`) })
  const number = COUNTING.includes(one.verdict) ? (/\d+/.exec(one.detail)?.[0] ?? '') : ''
  const detail = TELLING.includes(one.verdict) ? one.detail : number
  return t(`worlds.verdict_${one.verdict}`, { detail })
}

/** Entries the server did not name: nothing called them. Grouped by what can be seen of them here. */
export function silentOf(all: readonly Entry[], trial: WorldTrial): { verdict: 'no_key' | 'no_keys' | 'disabled'; entries: Entry[] }[] {
  const named = new Set(trial.entries.map((one) => one.uid))
  const silent = all.filter((one) => !named.has(one.uid))
  const kinds = { no_key: [] as Entry[], no_keys: [] as Entry[], disabled: [] as Entry[] }
  for (const one of silent) kinds[one.disabled ? 'disabled' : one.keys.length ? 'no_key' : 'no_keys'].push(one)
  return (['no_key', 'no_keys', 'disabled'] as const).map((verdict) => ({ verdict, entries: kinds[verdict] })).filter((group) => group.entries.length)
}
