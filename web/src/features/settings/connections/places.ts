/** Well-known ways to a model: what to fill in for each. The kinds themselves come from the server. */
import type { ProviderInfo, ProviderKind } from '@/api/schema'

export interface Place {
  id: string
  title: string
  kind: ProviderKind
  address: string
  needsKey: boolean
  local: boolean
}

const KNOWN: Place[] = [
  { id: 'openrouter', title: 'OpenRouter', kind: 'openai_chat', address: 'https://openrouter.ai/api/v1', needsKey: true, local: false },
  { id: 'deepseek', title: 'DeepSeek', kind: 'openai_chat', address: 'https://api.deepseek.com/v1', needsKey: true, local: false },
  { id: 'mistral', title: 'Mistral', kind: 'openai_chat', address: 'https://api.mistral.ai/v1', needsKey: true, local: false },
  { id: 'ollama', title: 'Ollama', kind: 'openai_chat', address: 'http://127.0.0.1:11434/v1', needsKey: false, local: true },
  { id: 'lmstudio', title: 'LM Studio', kind: 'openai_chat', address: 'http://127.0.0.1:1234/v1', needsKey: false, local: true },
]

/** Every kind the server offers, and the places that speak one of them; those on this machine last. */
export function placesOf(providers: readonly ProviderInfo[]): Place[] {
  const offered = providers.filter((one) => one.offered && one.kind !== 'demo')
  const kinds = offered.map(
    (one): Place => ({ id: one.kind, title: one.title, kind: one.kind, address: one.address, needsKey: one.needs_key, local: one.local }),
  )
  const known = KNOWN.filter((place) => offered.some((one) => one.kind === place.kind))
  return [...kinds, ...known].sort((a, b) => Number(a.local) - Number(b.local))
}
