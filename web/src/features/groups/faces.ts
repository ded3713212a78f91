/** Those who belong to groups: each asked for once. */
import { shallowRef } from 'vue'
import { charactersApi } from '@/api/characters'
import type { CharacterSummary, Group } from '@/api/schema'

const AT_ONCE = 100

export function useFaces() {
  const known = shallowRef(new Map<string, CharacterSummary>())

  async function meet(groups: readonly Group[]): Promise<void> {
    const ids = [...new Set(groups.flatMap((one) => one.members.flatMap((member) => member.character_id ?? [])))]
    const strangers = ids.filter((id) => !known.value.has(id))
    for (let at = 0; at < strangers.length; at += AT_ONCE) {
      const { items } = await charactersApi.some(strangers.slice(at, at + AT_ONCE))
      known.value = new Map([...known.value, ...items.map((one) => [one.id, one] as const)])
    }
  }

  function add(one: CharacterSummary): void {
    known.value = new Map([...known.value, [one.id, one]])
  }

  const of = (group: Group) => group.members.flatMap((member) => known.value.get(member.character_id ?? '') ?? [])

  return { known, meet, add, of }
}
