/** Pictures and files inside of messages that came from SillyTavern: which a message names, and what each is here. */
import { reactive } from 'vue'
import { movesApi } from '@/api/moves'
import type { AttachedFile, Message, Picture } from '@/api/schema'
import { useSession } from '@/state/session'

const AT_ONCE = 100
const PICTURES_MOST = 50

interface Found {
  picture: Picture | null
  file: AttachedFile | null
}

/** By who is signed in and the place; with neither it did not come along. Addresses are good for two days. */
const known = reactive(new Map<string, Found>())
const wanted = new Set<string>()
let asking = false

/** Places of the pictures and files that a message shows, in its order. */
export function placesOf(message: Message | null): string[] {
  const held = message?.extra?.extra
  if (!isObject(held)) return []
  const media = Array.isArray(held.media) ? held.media : []
  const files = Array.isArray(held.files) ? held.files : []
  const listed = [...media, ...files, held.file].flatMap((one) => (isObject(one) ? [one.url] : []))
  const older = [held.image, ...(Array.isArray(held.image_swipes) ? held.image_swipes : []), held.video]
  const texts = [...listed, ...older].filter((one): one is string => typeof one === 'string' && one !== '' && one.length <= 2000)
  return [...new Set(texts)].filter((one) => !one.startsWith('data:')).slice(0, PICTURES_MOST)
}

export function pictureAt(place: string): Picture | null {
  return known.get(keyOf(place))?.picture ?? null
}

export function fileAt(place: string): AttachedFile | null {
  return known.get(keyOf(place))?.file ?? null
}

/** Asks for those that nobody has asked for yet. */
export function lookUp(places: readonly string[]): void {
  for (const place of places) if (!known.has(keyOf(place))) wanted.add(place)
  if (!wanted.size || asking) return
  asking = true
  // Messages of one page ask in one request.
  queueMicrotask(() => void ask())
}

async function ask(): Promise<void> {
  while (wanted.size) {
    const places = [...wanted].slice(0, AT_ONCE)
    for (const place of places) wanted.delete(place)
    try {
      const { pictures, files } = await movesApi.pictures(places)
      places.forEach((place, index) => known.set(keyOf(place), { picture: pictures[index] ?? null, file: files[index] ?? null }))
    } catch {
      // A picture that cannot be had now is asked for when its message is shown again.
    }
  }
  asking = false
}

const keyOf = (place: string) => `${useSession().account?.id ?? ''} ${place}`

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
