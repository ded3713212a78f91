/** What a prompt is called: markers and built-in prompts in the reader's language, others as their author said. */
import { BUILT_IN, MARKERS, type Part } from './promptManager'

const KNOWN = new Set<string>([...BUILT_IN, ...MARKERS])

export function titleOf(part: Part, t: (key: string) => string): string {
  if (part.marker && KNOWN.has(part.identifier)) return t(`presets.part_${part.identifier}`)
  const name = typeof part.name === 'string' ? part.name.trim() : ''
  if (name && name !== part.identifier) return name
  return KNOWN.has(part.identifier) ? t(`presets.part_${part.identifier}`) : part.identifier
}
