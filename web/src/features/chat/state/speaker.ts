/** Who speaks a turn: name, picture and colour. */
import { computed, shallowRef, watch, type InjectionKey, type Ref, type ShallowRef } from 'vue'
import { personasApi } from '@/api/personas'
import type { Message, Persona, Picture } from '@/api/schema'
import { useSession } from '@/state/session'
import { readable } from './accent'
import type { Story } from './story'

export interface Speaker {
  name: string
  picture: Picture | null
  /** `#rrggbb`, readable on the page's ground; null for the page's own tint. */
  accent: string | null
}

export interface Cast {
  personas: ShallowRef<Persona[]>
  persona: Ref<Persona | null>
  /** Ids of personas by what they are locked to. */
  locks: ShallowRef<Record<string, string>>
  character: Ref<Speaker>
  user: Ref<Speaker>
  of: (message: Said | null) => Speaker
}

/** What tells who speaks. */
export type Said = Pick<Message, 'role' | 'name' | 'character_id'>

export const CAST: InjectionKey<Cast> = Symbol('cast')

export function useCast(story: Story): Cast {
  const session = useSession()
  const personas = shallowRef<Persona[]>([])
  const ground = shallowRef(groundNow())
  const dark = window.matchMedia('(prefers-color-scheme: dark)')
  const look = () => (ground.value = groundNow())
  dark.addEventListener('change', look)
  watch(() => session.choices?.theme, look, { flush: 'post' })
  personasApi.list().then(
    (all) => (personas.value = all),
    () => {},
  )

  const locks = shallowRef<Record<string, string>>({})
  personasApi.locks().then(
    (found) => (locks.value = found.locks),
    () => {},
  )
  // The chat's, else the one locked to its partner, else the one for everything: as the server has it.
  const persona = computed(() => {
    const chat = story.chat.value
    const ids = [chat?.persona_id, locks.value[(chat?.group_id ?? chat?.character_id) || ''], session.choices?.persona_id]
    return ids.map((id) => personas.value.find((one) => one.id === id)).find((one) => one) ?? null
  })
  const character = computed<Speaker>(() => {
    const one = story.character.value
    return {
      // As it is stored with each turn, so that a reply does not change its speaker when it ends.
      name: one?.name ?? story.group.value?.name ?? '',
      picture: one?.picture ?? story.group.value?.picture ?? null,
      accent: readable(one?.picture?.accent, ground.value),
    }
  })
  const user = computed<Speaker>(() => ({
    name: persona.value?.name ?? session.account?.name ?? '',
    picture: persona.value?.picture ?? null,
    accent: readable(persona.value?.picture?.accent, ground.value),
  }))

  function of(message: Said | null): Speaker {
    const member = message?.role === 'assistant' && message.character_id ? story.members.value.get(message.character_id) : undefined
    if (member) {
      const accent = readable(member.picture?.accent, ground.value)
      return { name: message?.name || member.name, picture: member.picture, accent }
    }
    if (message === null || message.role === 'assistant') return { ...character.value, name: message?.name || character.value.name }
    if (message.role === 'user') {
      const said = personas.value.find((one) => one.name === message.name)
      return said
        ? { name: said.name, picture: said.picture, accent: readable(said.picture?.accent, ground.value) }
        : { ...user.value, name: message.name || user.value.name }
    }
    return { name: message.name, picture: null, accent: null }
  }
  return { personas, persona, locks, character, user, of }
}

function groundNow(): string {
  return getComputedStyle(document.documentElement).getPropertyValue('--paper').trim() || '#faf7f1'
}
