/** An entry as SillyTavern's files have it, read into our words, and the edits said in the file's words again. */
import { differing, FRESH, LOGICS, PLACES, ROLES, SOURCES, type EntryFields, type EntryFilter, type Source } from './entry'

export type FileEntry = Record<string, unknown>

/** Fields that say the same in other words. */
const PLAIN = {
  title: 'comment',
  content: 'content',
  keys: 'key',
  secondary_keys: 'keysecondary',
  selective: 'selective',
  constant: 'constant',
  vectorized: 'vectorized',
  disabled: 'disable',
  order: 'order',
  depth: 'depth',
  outlet: 'outletName',
  ignore_budget: 'ignoreBudget',
  exclude_recursion: 'excludeRecursion',
  prevent_recursion: 'preventRecursion',
  delay_until_recursion: 'delayUntilRecursion',
  probability: 'probability',
  use_probability: 'useProbability',
  group_text: 'group',
  group_override: 'groupOverride',
  group_weight: 'groupWeight',
  group_scoring: 'useGroupScoring',
  scan_depth: 'scanDepth',
  case_sensitive: 'caseSensitive',
  whole_words: 'matchWholeWords',
  sticky: 'sticky',
  cooldown: 'cooldown',
  delay: 'delay',
  triggers: 'triggers',
  automation_id: 'automationId',
} as const satisfies Partial<Record<keyof EntryFields, string>>

/** Fields that are numbers or objects in the file. */
const ODD = { place: 'position', logic: 'selectiveLogic', role: 'role', filter: 'characterFilter' } as const

const MATCHES: Record<Source, string> = {
  persona: 'matchPersonaDescription',
  description: 'matchCharacterDescription',
  personality: 'matchCharacterPersonality',
  card_note: 'matchCharacterDepthPrompt',
  scenario: 'matchScenario',
  creator_notes: 'matchCreatorNotes',
}

export function readEntry(file: FileEntry): EntryFields {
  const fields: EntryFields = { ...FRESH }
  for (const [name, key] of Object.entries(PLAIN) as [keyof EntryFields, string][]) {
    const value = fitting(file[key], FRESH[name])
    if (value !== undefined) Object.assign(fields, { [name]: value })
  }
  fields.place = PLACES[Number(file.position ?? 0)] ?? 'nowhere'
  fields.logic = LOGICS[Number(file.selectiveLogic ?? 0)] ?? 'and_any'
  fields.role = ROLES[Number(file.role ?? 0)] ?? 'system'
  fields.filter = filterOf(file.characterFilter)
  fields.matches = SOURCES.filter((source) => file[MATCHES[source]] === true)
  return fields
}

/** What has to be written into the file so that it says `after` where it said `before`. */
export function changesInFile(before: EntryFields, after: EntryFields): FileEntry {
  const changes: FileEntry = {}
  for (const name of differing(before, after)) {
    if (name in PLAIN) changes[PLAIN[name as keyof typeof PLAIN]] = after[name]
    else if (name === 'place') changes[ODD.place] = (PLACES as readonly string[]).indexOf(after.place)
    else if (name === 'logic') changes[ODD.logic] = LOGICS.indexOf(after.logic)
    else if (name === 'role') changes[ODD.role] = ROLES.indexOf(after.role)
    else if (name === 'filter') changes[ODD.filter] = written(after.filter)
    else if (name === 'matches')
      for (const source of SOURCES)
        if (before.matches.includes(source) !== after.matches.includes(source)) changes[MATCHES[source]] = after.matches.includes(source)
  }
  return changes
}

/** A value of the kind the field has; files of the field hold numbers as texts, and texts where lists should be. */
function fitting(value: unknown, fresh: unknown): unknown {
  if (value === undefined || value === null) return undefined
  if (Array.isArray(fresh)) {
    if (Array.isArray(value)) return value.filter((one) => typeof one === 'string')
    return typeof value === 'string' ? value.split(',').map((one) => one.trim()).filter(Boolean) : undefined
  }
  if (typeof fresh === 'number') return Number.isFinite(Number(value)) ? Number(value) : undefined
  if (typeof fresh === 'string') return String(value)
  if (typeof fresh === 'boolean') return !!value
  return typeof value === 'number' || typeof value === 'boolean' ? value : undefined
}

function filterOf(value: unknown): EntryFilter | null {
  if (!value || typeof value !== 'object') return null
  const { isExclude, names, tags } = value as { isExclude?: unknown; names?: unknown; tags?: unknown }
  const filter = { excludes: !!isExclude, names: textsOf(names), tags: textsOf(tags) }
  return filter.names.length || filter.tags.length || filter.excludes ? filter : null
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : []
}

function written(filter: EntryFilter | null): FileEntry {
  return { isExclude: filter?.excludes ?? false, names: filter?.names ?? [], tags: filter?.tags ?? [] }
}
