/** Worlds, presets, groups, personas and the pages themselves by their names: few enough to be looked through here. */
import { computed, shallowRef, type ComputedRef, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRouter, type RouteLocationRaw } from 'vue-router'
import { groupsApi } from '@/api/groups'
import { personasApi } from '@/api/personas'
import type { Group, Persona, Picture } from '@/api/schema'
import { useModels } from '@/state/models'
import { useSession } from '@/state/session'
import { useWorlds } from '@/state/worlds'

const SHOWN = 5

export interface PlaceFound {
  id: string
  title: string
  more: string
  picture: Picture | null
  to: RouteLocationRaw
}

export type PlaceKind = 'worlds' | 'presets' | 'groups' | 'personas' | 'pages'


export function usePlaces(q: Ref<string>): ComputedRef<{ name: PlaceKind; found: PlaceFound[] }[]> {
  const { t } = useI18n()
  const router = useRouter()
  const session = useSession()
  const models = useModels()
  const worlds = useWorlds()
  const groups = shallowRef<Group[]>([])
  const personas = shallowRef<Persona[]>([])

  // What cannot be read is not found; the rest is.
  void Promise.allSettled([
    worlds.load(),
    models.loadPresets(),
    groupsApi.list().then((all) => (groups.value = all)),
    personasApi.list().then((all) => (personas.value = all)),
  ])

  const pages = computed(() =>
    router
      .getRoutes()
      .filter(({ name, path, meta }) => name && meta.title && !meta.open && !path.includes(':') && (!meta.admin || session.isAdmin))
      .map(({ name, meta }) => ({ id: String(name), title: t(meta.title!), more: '', picture: null, to: { name: name! } })),
  )
  const named = (one: { id: string; name: string; picture?: Picture | null }, more: string, to: RouteLocationRaw): PlaceFound => ({
    id: one.id,
    title: one.name,
    more,
    picture: one.picture ?? null,
    to,
  })

  return computed(() => {
    const words = q.value.trim().toLowerCase()
    if (!words) return []
    const fits = (one: PlaceFound) => `${one.title} ${one.more}`.toLowerCase().includes(words)
    const kinds: [PlaceKind, PlaceFound[]][] = [
      ['worlds', worlds.all.map((one) => named(one, '', { name: 'world', params: { worldId: one.id } }))],
      ['presets', models.presets.map((one) => named(one, '', { name: 'presets', query: { preset: one.id } }))],
      ['groups', groups.value.map((one) => named(one, '', { name: 'group', params: { groupId: one.id } }))],
      ['personas', personas.value.map((one) => named(one, one.title ?? '', { name: 'personas', query: { persona: one.id } }))],
      ['pages', pages.value],
    ]
    return kinds.map(([name, all]) => ({ name, found: all.filter(fits).slice(0, SHOWN) }))
  })
}
