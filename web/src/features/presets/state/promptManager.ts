/** The prompts of a preset file and their order, as SillyTavern writes them. Every function gives fields to be set. */

export type Json = Record<string, unknown>

export interface Part {
  identifier: string
  name?: string
  role?: string
  content?: string
  system_prompt?: boolean
  marker?: boolean
  injection_position?: number
  injection_depth?: number
  injection_order?: number
  injection_trigger?: string[]
  forbid_overrides?: boolean
  [other: string]: unknown
}

export interface Place {
  identifier: string
  enabled: boolean
  [other: string]: unknown
}

/** Of the lists of an order, the one in use; older files have only the legacy one. */
const IN_USE = 100_001
const LEGACY = 100_000

export const BUILT_IN = ['main', 'nsfw', 'jailbreak', 'enhanceDefinitions'] as const
export const MARKERS = [
  'worldInfoBefore',
  'personaDescription',
  'charDescription',
  'charPersonality',
  'scenario',
  'worldInfoAfter',
  'dialogueExamples',
  'chatHistory',
] as const
/** Whose place no other may take: the history and the examples are many messages. */
export const FIXED = ['dialogueExamples', 'chatHistory']
export const TRIGGERS = ['normal', 'continue', 'impersonate', 'swipe', 'regenerate', 'quiet'] as const
const KEPT = new Set<string>([...BUILT_IN, ...MARKERS])

const objects = (value: unknown): Json[] =>
  Array.isArray(value) ? value.filter((one): one is Json => typeof one === 'object' && one !== null && !Array.isArray(one)) : []

export const isBuiltIn = (part: Part) => KEPT.has(part.identifier)
export const inChat = (part: Part) => part.injection_position === 1

export function partsOf(file: Json): Part[] {
  return objects(file.prompts).filter((one): one is Part => typeof one.identifier === 'string' && one.identifier !== '')
}

export function placesOf(file: Json): Place[] {
  const lists = objects(file.prompt_order)
  const list = lists.find((one) => Number(one.character_id) === IN_USE) ?? lists.find((one) => Number(one.character_id) === LEGACY)
  return objects(list?.order).filter((one): one is Place => typeof one.identifier === 'string')
}

/** Parts that the order does not name. */
export function unplaced(file: Json): Part[] {
  const named = new Set(placesOf(file).map((one) => one.identifier))
  return partsOf(file).filter((one) => !named.has(one.identifier))
}

export function withPlaces(file: Json, places: Place[]): Json {
  const lists = objects(file.prompt_order)
  const known = lists.some((one) => Number(one.character_id) === IN_USE)
  const changed = lists.map((one) => (Number(one.character_id) === IN_USE ? { ...one, order: places } : one))
  return { prompt_order: known ? changed : [...changed, { character_id: IN_USE, order: places }] }
}

export function withPart(file: Json, identifier: string, change: Partial<Part>): Json {
  return { prompts: objects(file.prompts).map((one) => (one.identifier === identifier ? { ...one, ...change } : one)) }
}

/** A part of the person's own, at the end of the order. */
export function withNewPart(file: Json, identifier: string, name: string): Json {
  const part: Part = {
    identifier,
    name,
    role: 'system',
    content: '',
    system_prompt: false,
    marker: false,
    injection_position: 0,
    injection_depth: 4,
    injection_order: 100,
    injection_trigger: [],
    forbid_overrides: false,
  }
  return {
    prompts: [...objects(file.prompts), part],
    ...withPlaces(file, [...placesOf(file), { identifier, enabled: true }]),
  }
}

/** Built-in parts leave the order only; the person's own go for good. */
export function withoutPart(file: Json, part: Part): Json {
  const order = withPlaces(
    file,
    placesOf(file).filter((one) => one.identifier !== part.identifier),
  )
  if (isBuiltIn(part)) return order
  return { prompts: objects(file.prompts).filter((one) => one.identifier !== part.identifier), ...order }
}

/** Back into the order, at its end. */
export function placedAgain(file: Json, identifier: string): Json {
  return withPlaces(file, [...placesOf(file), { identifier, enabled: true }])
}

/** What a part says of where and when it stands, when nobody has said anything. */
export const UNSET: Partial<Part> = {
  role: 'system',
  injection_position: 0,
  injection_depth: 4,
  injection_order: 100,
  injection_trigger: [],
  forbid_overrides: false,
}
