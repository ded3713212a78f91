/** Stretches of messages put together: what is known, and what the server says now. Pure. */
import type { Message, MessagePage } from '@/api/schema'

export interface Known {
  messages: Message[]
  /** Asks for the page above; null at the chat's beginning. */
  before: string | null
}

/** The newest page over what is known: new ones are added, changed ones replaced, deleted ones gone. */
export function withNewest(known: Known, page: MessagePage): Known {
  const first = page.messages[0]
  const seam = first ? known.messages.findIndex((one) => one.id === first.id) : -1
  // Nothing in common: so much happened elsewhere that the newest page is all we can vouch for.
  if (seam === -1) return { messages: page.messages, before: page.before }
  const old = new Map(known.messages.map((one) => [one.id, one]))
  return {
    messages: [...known.messages.slice(0, seam), ...page.messages.map((one) => same(old.get(one.id), one))],
    before: known.before,
  }
}

/** An older page above what is known. */
export function withOlder(known: Known, page: MessagePage): Known {
  const have = new Set(known.messages.map((one) => one.id))
  return { messages: [...page.messages.filter((one) => !have.has(one.id)), ...known.messages], before: page.before }
}

export function withMessage(known: Known, message: Message): Known {
  const at = known.messages.findIndex((one) => one.id === message.id)
  const messages = [...known.messages]
  if (at === -1) messages.push(message)
  else messages[at] = message
  return { ...known, messages }
}

export function without(known: Known, messageId: string): Known {
  return { ...known, messages: known.messages.filter((one) => one.id !== messageId) }
}

/** All above a message, and what was cut off. */
export function cutAt(known: Known, messageId: string): { known: Known; gone: Message[] } {
  const at = known.messages.findIndex((one) => one.id === messageId)
  if (at === -1) return { known, gone: [] }
  return { known: { ...known, messages: known.messages.slice(0, at) }, gone: known.messages.slice(at) }
}

/** Whether a branch's end, from a message on, is just what is known: nothing was written there that nobody has seen. */
export function showsAll(known: Known, end: readonly Message[], messageId: string): boolean {
  const at = end.findIndex((one) => one.id === messageId)
  if (at === -1) return false
  const below = end.slice(at)
  const mine = known.messages.slice(known.messages.findIndex((one) => one.id === messageId))
  return below.length === mine.length && below.every((one, n) => mine[n]?.id === one.id && mine[n]?.revision === one.revision)
}

/** Messages put back behind `after` (null: at the beginning); null when that place is no longer there. */
export function withBack(known: Known, messages: readonly Message[], after: string | null): Known | null {
  const at = after === null ? 0 : known.messages.findIndex((one) => one.id === after) + 1
  if (after !== null && at === 0) return null
  const back = new Set(messages.map((one) => one.id))
  const others = (some: Message[]) => some.filter((one) => !back.has(one.id))
  return { ...known, messages: [...others(known.messages.slice(0, at)), ...messages, ...others(known.messages.slice(at))] }
}

/** The object that is drawn already, if it says the same: nothing is drawn again then. */
function same(old: Message | undefined, fresh: Message): Message {
  return old && old.revision === fresh.revision && JSON.stringify(old) === JSON.stringify(fresh) ? old : fresh
}
