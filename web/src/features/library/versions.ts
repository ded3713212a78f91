/** Where two versions of one card differ, field by field, in the order of the editor. */
import type { useI18n } from 'vue-i18n'
import type { Book, CardData } from '@/api/schema'
import { pairsOf, type Pair } from '@/state/pairs'
import { titleOf } from './book'

type Words = ReturnType<typeof useI18n>['t']
const FIELDS = [
  'name',
  'nickname',
  'description',
  'personality',
  'scenario',
  'first_mes',
  'alternate_greetings',
  'group_only_greetings',
  'mes_example',
  'system_prompt',
  'post_history_instructions',
  'character_book',
  'creator',
  'creator_notes',
  'character_version',
] as const

export function cardPairs(mine: CardData, theirs: CardData, t: Words): Pair[] {
  const labels = Object.fromEntries(FIELDS.map((field) => [field, t(`library.field_${field}`)]))
  return pairsOf(mine, theirs, labels, (name, value) => {
    const lines = name === 'character_book' ? bookLines(value as Book | null, t) : value
    return Array.isArray(lines) ? lines.join('\n———\n') : String((lines as string | null) ?? '')
  }).filter((pair) => pair.mine !== pair.theirs)
}

function bookLines(book: Book | null, t: Words): string[] {
  return (book?.entries ?? []).map((entry) =>
    [titleOf(entry), entry.keys.join(', '), entry.content, entry.enabled ? '' : t('library.entry_off')].filter(Boolean).join('\n'),
  )
}
