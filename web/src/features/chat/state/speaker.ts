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
  character: Ref<Speaker>
  user: Ref<Speaker>
  of: (message: Pick<Message, 'role' | 'name'> | null) => Speaker
}

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

  const persona = computed(() => {
    const id = story.chat.value?.persona_id ?? session.choices?.persona_id
    return personas.value.find((one) => one.id === id) ?? null
  })
  const character = computed<Speaker>(() => {
    const one = story.character.value
    return {
      // As it is stored with each turn, so that a reply does not change its speaker when it ends.
      name: one?.name ?? '',
      picture: one?.picture ?? null,
      accent: readable(one?.picture?.accent, ground.value),
    }
  })
  const user = computed<Speaker>(() => ({
    name: persona.value?.name ?? session.account?.name ?? '',
    picture: persona.value?.picture ?? null,
    accent: readable(persona.value?.picture?.accent, ground.value),
  }))

  function of(message: Pick<Message, 'role' | 'name'> | null): Speaker {
    if (message === null || message.role === 'assistant') return { ...character.value, name: message?.name || character.value.name }
    if (message.role === 'user') {
      const said = personas.value.find((one) => one.name === message.name)
      return said
        ? { name: said.name, picture: said.picture, accent: readable(said.picture?.accent, ground.value) }
        : { ...user.value, name: message.name || user.value.name }
    }
    return { name: message.name, picture: null, accent: null }
  }
  return { personas, persona, character, user, of }
}

function groundNow(): string {
  return getComputedStyle(document.documentElement).getPropertyValue('--paper').trim() || '#faf7f1'
}
