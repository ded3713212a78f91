/** Why a line of a report says what it says, in the reader's words, and where what it became is to be seen. */
import type { RouteLocationRaw } from 'vue-router'
import { AppProblem } from '@/api/http'
import type { MoveLine } from '@/api/schema'
import { i18n } from '@/words/i18n'
import { sentenceOf } from '@/words/problems'

export function reasonOf(line: MoveLine): string {
  const { t, te } = i18n.global
  const key = `moving.reasons.${line.reason}`
  if (line.reason && te(key)) {
    const values = line.values ?? {}
    const rest = line.note?.startsWith(english(line)) ? line.note.slice(english(line).length).trim() : ''
    return [t(key, values), rest].filter(Boolean).join(' ')
  }
  return line.code ? sentenceOf(new AppProblem(line.code, line.note ?? '', { status: 200 })) : (line.note ?? '')
}

/** How long the English sentence of the reason is, at the beginning of the note. */
function english(line: MoveLine): string {
  const words = (i18n.global.getLocaleMessage('en') as { moving?: { reasons?: Record<string, string> } }).moving?.reasons ?? {}
  const sentence = words[line.reason ?? ''] ?? ''
  return sentence.replace(/\{(\w+)\}/g, (_, name: string) => line.values?.[name] ?? '')
}

/** What the settings become has names of ours. */
export function nameOf(line: MoveLine): string {
  const { t, te } = i18n.global
  const key = `moving.pieces.${line.name}`
  return line.kind === 'preferences' && te(key) ? t(key) : line.name
}

export function placeOf(line: MoveLine): RouteLocationRaw | null {
  if (!line.id) return null
  // A single file became something of another kind, which its id begins with.
  const [kind, id] = line.kind === 'files' ? line.id.split(':', 2) : [line.kind, line.id]
  if (kind === 'characters') return { name: 'character', params: { characterId: id } }
  if (kind === 'chats') return { name: 'chat', params: { chatId: id } }
  if (kind === 'worlds') return { name: 'world', params: { worldId: id } }
  return null
}
