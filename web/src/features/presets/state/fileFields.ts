/** What the editor shows of a preset file, and the fields that an edit of it sets. undefined takes a field away. */
import type { Samplers } from '@/api/schema'
import type { Json } from './promptManager'

const OURS = 'tavernai_plus'

/** Names inside SillyTavern's settings come before those of its files, as the server reads them. */
const NAMES = {
  temperature: ['temp_openai', 'temperature'],
  top_p: ['top_p_openai', 'top_p'],
  top_k: ['top_k_openai', 'top_k'],
  top_a: ['top_a_openai', 'top_a'],
  min_p: ['min_p_openai', 'min_p'],
  frequency_penalty: ['freq_pen_openai', 'frequency_penalty'],
  presence_penalty: ['pres_pen_openai', 'presence_penalty'],
  repetition_penalty: ['repetition_penalty_openai', 'repetition_penalty'],
  context_tokens: ['openai_max_context'],
  reply_tokens: ['openai_max_tokens'],
} as const
const EFFORTS: Record<string, string> = { min: 'low', max: 'high', minimal: 'minimal', low: 'low', medium: 'medium', high: 'high' }

type NumberName = keyof typeof NAMES

export function numberOf(value: unknown): number | null {
  const found = typeof value === 'string' && value.trim() ? Number(value) : value
  return typeof found === 'number' && Number.isFinite(found) ? found : null
}

export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

function nameIn(file: Json, name: NumberName): string {
  const names: readonly string[] = NAMES[name]
  return names.find((one) => numberOf(file[one]) !== null) ?? names[names.length - 1]!
}

/** The samplers of a chat preset, as the sliders want them. */
export function samplersOf(file: Json): Samplers {
  const found = Object.fromEntries(
    (Object.keys(NAMES) as NumberName[]).map((name) => [name, numberOf(file[nameIn(file, name)])]),
  ) as Record<NumberName, number | null>
  const seed = numberOf(file.seed)
  return {
    ...found,
    context_tokens: found.context_tokens ?? 16_384,
    reply_tokens: found.reply_tokens ?? 600,
    typical_p: null,
    seed: seed === null || seed < 0 ? null : seed,
    stop: stopsOf(file),
    reasoning_effort: EFFORTS[textOf(file.reasoning_effort)] ?? null,
  }
}

/** Only what differs is set: what nobody touched stays as it was written. */
export function withSamplers(file: Json, samplers: Samplers): Json {
  const before = samplersOf(file)
  const set: Json = {}
  for (const name of Object.keys(NAMES) as NumberName[]) {
    if (samplers[name] !== before[name]) set[nameIn(file, name)] = samplers[name] ?? undefined
  }
  if (samplers.seed !== before.seed) set.seed = samplers.seed ?? -1
  if (samplers.reasoning_effort !== before.reasoning_effort) set.reasoning_effort = samplers.reasoning_effort ?? 'auto'
  if (String(samplers.stop) !== String(before.stop)) Object.assign(set, withStops(file, samplers.stop ?? []))
  return set
}

export function stopsOf(file: Json): string[] {
  const found = inner(inner(file.extensions)[OURS]).stop
  return Array.isArray(found) ? found.filter((one): one is string => typeof one === 'string' && one.trim() !== '') : []
}

export function withStops(file: Json, stop: string[]): Json {
  const extensions = inner(file.extensions)
  return { extensions: { ...extensions, [OURS]: { ...inner(extensions[OURS]), stop } } }
}

export interface Bias {
  text: string
  value: number
}

/** Of a chat preset: the entries of the list that is chosen. */
export function biasOf(file: Json): Bias[] {
  return entries(inner(file.bias_presets)[textOf(file.bias_preset_selected)])
}

export function withBias(file: Json, bias: Bias[]): Json {
  const chosen = textOf(file.bias_preset_selected)
  const name = chosen && biasOf(file).length ? chosen : 'TavernAI Plus'
  return { bias_preset_selected: name, bias_presets: { ...inner(file.bias_presets), [name]: bias } }
}

/** Of a text preset. */
export const textBiasOf = (file: Json): Bias[] => entries(file.logit_bias)

function entries(value: unknown): Bias[] {
  if (!Array.isArray(value)) return []
  return value.map((one) => ({ ...inner(one), text: textOf(inner(one).text), value: numberOf(inner(one).value) ?? 0 }))
}

function inner(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}
}
