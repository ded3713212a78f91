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

/** What an entry of a file is where it says nothing of it: not what a new one says. */
const UNSAID = { selective: false, use_probability: false } as const
/** What a light entry means where it says nothing: it says null where the whole one is silent. */
const LIGHT: FileEntry = { selective: true, useProbability: true, probability: 100, position: 0 }

/** As the engine reads it (chalicelib/presetfiles/worlds.py). */
export function readEntry(file: FileEntry): EntryFields {
  const fields: EntryFields = { ...FRESH, ...UNSAID }
  for (const [name, key] of Object.entries(PLAIN) as [keyof EntryFields, string][]) {
    const value = fitting(file[key], FRESH[name])
    if (value !== undefined) Object.assign(fields, { [name]: value })
  }
  // A chance that is thrown without a number is lost.
  if (fields.use_probability && fitting(file.probability, 0) === undefined) fields.probability = 0
  fields.place = PLACES[numbered(file.position, -1)] ?? 'nowhere'
  fields.logic = LOGICS[numbered(file.selectiveLogic, 0)] ?? 'and_any'
  fields.role = ROLES[numbered(file.role, 0)] ?? ROLES.find((role) => role === file.role) ?? 'system'
  fields.filter = filterOf(file.characterFilter)
  fields.matches = SOURCES.filter((source) => file[MATCHES[source]] === true)
  return fields
}

export function readLight(file: FileEntry): EntryFields {
  return readEntry({ ...LIGHT, ...file })
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
  // A file that left the number out would lose every throw.
  if (changes.useProbability === true) changes.probability = after.probability
  return changes
}

/** A value of the kind the field has; files of the field hold numbers as texts, and texts where lists should be. */
function fitting(value: unknown, fresh: unknown): unknown {
  if (value === undefined || value === null) return undefined
  if (Array.isArray(fresh)) {
    if (Array.isArray(value)) return value.filter((one) => typeof one === 'string')
    return typeof value === 'string' ? value.split(',').map((one) => one.trim()).filter(Boolean) : undefined
  }
  if (typeof fresh === 'number') return value !== '' && Number.isFinite(Number(value)) ? Number(value) : undefined
  if (typeof fresh === 'string') return String(value)
  if (typeof fresh === 'boolean') return typeof value === 'boolean' ? value : undefined
  return typeof value === 'number' || typeof value === 'boolean' ? value : undefined
}

function numbered(value: unknown, otherwise: number): number {
  const usable = typeof value === 'number' || (typeof value === 'string' && value.trim() !== '')
  return usable ? Math.trunc(Number(value)) : otherwise
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
