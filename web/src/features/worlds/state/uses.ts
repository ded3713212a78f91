/** Who has which worlds: characters and personas by name, chats by number. */
import { charactersApi } from '@/api/characters'
import { personasApi } from '@/api/personas'
import type { WorldUse } from '@/api/schema'
import { worldsApi } from '@/api/worlds'
import { chunks } from './patches'

const AT_ONCE = 100

export interface Uses {
  characters: { id: string; name: string }[]
  personas: { id: string; name: string }[]
  chats: number
}

export async function readUses(): Promise<Map<string, Uses>> {
  const uses = await worldsApi.uses()
  if (!uses.length) return new Map()
  const personas = await personasApi.list()
  const persons = new Set(personas.map((one) => one.id))
  const ids = uses.map((one) => one.thing_id).filter((id) => !persons.has(id))
  const pages = await Promise.all(chunks(ids, AT_ONCE).map((some) => charactersApi.some(some)))
  return usesOf(uses, personas, pages.flatMap((page) => page.items))
}

/** What is neither a character nor a persona is a chat. */
export function usesOf(
  uses: readonly WorldUse[],
  personas: readonly { id: string; name: string }[],
  characters: readonly { id: string; name: string }[],
): Map<string, Uses> {
  const found = new Map<string, Uses>()
  for (const { thing_id: thing, world_ids: ids } of uses)
    for (const id of ids) {
      const use = found.get(id) ?? { characters: [], personas: [], chats: 0 }
      const character = characters.find((one) => one.id === thing)
      const persona = personas.find((one) => one.id === thing)
      if (character) use.characters.push({ id: thing, name: character.name })
      else if (persona) use.personas.push({ id: thing, name: persona.name })
      else use.chats += 1
      found.set(id, use)
    }
  return found
}
