/** What a click on a quick reply puts into the composer, and whether it is sent. Commands are never run. */
import type { QuickReply, QuickSet } from '@/api/schema'

export interface Click {
  text: string
  sends: boolean
  /** Whether what was typed is in the text. */
  taken: boolean
}

const INPUT = /\{\{\s*input\s*\}\}/gi

export function clicked(set: QuickSet, reply: QuickReply, typed: string): Click {
  const message = reply.message
  if (reply.is_script) return { text: joined(typed, message, false), sends: false, taken: true }
  if (set.with_input && typed) return { text: joined(typed, message, set.before_input), sends: !set.only_insert, taken: true }
  const filled = message.replace(INPUT, () => typed)
  if (filled !== message) return { text: filled, sends: !set.only_insert, taken: true }
  // What stands there already was not asked for: it is neither sent nor lost.
  if (set.only_insert) return { text: joined(typed, message, set.before_input), sends: false, taken: true }
  return { text: message, sends: true, taken: false }
}

function joined(typed: string, message: string, messageFirst: boolean): string {
  return [messageFirst ? message : typed, messageFirst ? typed : message].filter((part) => part.trim()).join(' ')
}
