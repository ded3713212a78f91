/** The entry of a card's lorebook, read as a world's, and edits written back into it. What is not edited stays as it came. */
import type { BookEntry } from '@/api/schema'
import { differing, FRESH, LOGICS, PLACES, ROLES, type EntryFields, type Source } from './entry'

/** Fields whose value stands in the entry's extensions as it is. */
const PLAIN = {
  depth: 'depth',
  outlet: 'outlet_name',
  ignore_budget: 'ignore_budget',
  exclude_recursion: 'exclude_recursion',
  prevent_recursion: 'prevent_recursion',
  delay_until_recursion: 'delay_until_recursion',
  probability: 'probability',
  use_probability: 'useProbability',
  group_text: 'group',
  group_override: 'group_override',
  group_weight: 'group_weight',
  group_scoring: 'use_group_scoring',
  scan_depth: 'scan_depth',
  case_sensitive: 'case_sensitive',
  whole_words: 'match_whole_words',
  sticky: 'sticky',
  cooldown: 'cooldown',
  delay: 'delay',
  triggers: 'triggers',
  automation_id: 'automation_id',
  vectorized: 'vectorized',
} as const satisfies Partial<Record<keyof EntryFields, string>>

const MATCHES: Record<Source, string> = {
  persona: 'match_persona_description',
  description: 'match_character_description',
  personality: 'match_character_personality',
  card_note: 'match_character_depth_prompt',
  scenario: 'match_scenario',
  creator_notes: 'match_creator_notes',
}

export function fieldsOf(entry: BookEntry): EntryFields {
  const { extensions } = entry
  const fields = structuredClone(FRESH) as EntryFields
  for (const [name, key] of Object.entries(PLAIN)) {
    const value = extensions[key]
    const fresh = FRESH[name as keyof EntryFields]
    if (value === undefined || (value === null && fresh !== null)) continue
    Object.assign(fields, { [name]: typeof fresh === 'number' ? Number(value) : value })
  }
  const place = typeof extensions.position === 'number' ? extensions.position : entry.position === 'after_char' ? 1 : 0
  return Object.assign(fields, {
    title: entry.comment || entry.name || '',
    content: entry.content,
    keys: [...entry.keys],
    secondary_keys: [...(entry.secondary_keys ?? [])],
    selective: !!entry.selective,
    constant: !!entry.constant,
    disabled: !entry.enabled,
    order: entry.insertion_order,
    place: PLACES[place] ?? 'nowhere',
    logic: LOGICS[Number(extensions.selectiveLogic ?? 0)] ?? 'and_any',
    role: ROLES[Number(extensions.role ?? 0)] ?? 'system',
    case_sensitive: fields.case_sensitive ?? entry.case_sensitive,
    matches: (Object.keys(MATCHES) as Source[]).filter((source) => extensions[MATCHES[source]] === true),
  })
}

/** The entry with what was changed in its fields. */
export function withFields(entry: BookEntry, fields: EntryFields): BookEntry {
  const next: BookEntry = { ...entry, extensions: { ...entry.extensions } }
  for (const name of differing(fieldsOf(entry), fields)) write(next, name, fields)
  return next
}

function write(entry: BookEntry, name: keyof EntryFields, fields: EntryFields): void {
  const { extensions } = entry
  if (name in PLAIN) extensions[PLAIN[name as keyof typeof PLAIN]] = fields[name]
  switch (name) {
    case 'title':
      // Both names of it: some programs read one, some the other.
      entry.comment = fields.title
      entry.name = fields.title
      break
    case 'content':
      entry.content = fields.content
      break
    case 'keys':
      entry.keys = fields.keys
      break
    case 'secondary_keys':
      entry.secondary_keys = fields.secondary_keys
      break
    case 'selective':
      entry.selective = fields.selective
      break
    case 'constant':
      entry.constant = fields.constant
      break
    case 'disabled':
      entry.enabled = !fields.disabled
      break
    case 'order':
      entry.insertion_order = fields.order
      break
    case 'case_sensitive':
      entry.case_sensitive = fields.case_sensitive
      break
    case 'place':
      entry.position = fields.place === 'before' ? 'before_char' : 'after_char'
      extensions.position = PLACES.indexOf(fields.place as (typeof PLACES)[number])
      break
    case 'logic':
      extensions.selectiveLogic = LOGICS.indexOf(fields.logic)
      break
    case 'role':
      extensions.role = ROLES.indexOf(fields.role)
      break
    case 'matches':
      for (const [source, key] of Object.entries(MATCHES)) {
        if (fields.matches.includes(source as Source) || key in extensions) extensions[key] = fields.matches.includes(source as Source)
      }
      break
  }
}
