/** A message's text as nodes: Markdown as people of this field write it, speech marked, strangers' markup made harmless. */
import MarkdownIt from 'markdown-it'
import { cleaned, type Allowed } from './sanitize'
import { markSpeech } from './speech'

const md = new MarkdownIt({ html: true, breaks: true, linkify: true, typographer: false })
md.use(markSpeech)
md.disable(['reference'])
md.linkify.set({ fuzzyLink: false, fuzzyEmail: false })

/** Stands where the next word goes while a text is being written: a sign that no text of people has. */
export const NEXT_WORD = '\uE0F1'

/** `open`: the text is still being written, what it began may be unclosed; a NEXT_WORD stands where it goes on. */
export function prose(text: string, allowed: Allowed, open = false): DocumentFragment {
  return cleaned(md.render(open ? healed(text.replaceAll(NEXT_WORD, ''), ` ${NEXT_WORD}`) : text, { open }), allowed)
}

/**
 * The text with its last emphasis and code closed, so that what is being written already looks as it will.
 * A lone mark at the very end, whose meaning is not clear yet, is left out. `next` is put where the text goes on: inside
 * what is still open, behind what is closed.
 */
export function healed(text: string, next = ''): string {
  const start = text.lastIndexOf('\n\n') + 1
  const tail = text.slice(start)
  if (/^\s*(```|~~~)/m.test(tail)) return text + next
  const trimmed = tail.replace(/[*_`~]+$/, '')
  const closing = tail.slice(trimmed.length)
  const bare = trimmed.replace(/`[^`\n]*`/g, '')
  const code = (bare.match(/`/g)?.length ?? 0) % 2 ? '`' : ''
  const strong = (bare.match(/\*\*/g)?.length ?? 0) % 2 ? '**' : ''
  const single = (bare.replace(/\*\*/g, '').match(/\*/g)?.length ?? 0) % 2 ? '*' : ''
  const closers = code + single + strong
  const closed = closing !== '' && closing.length >= closers.length
  const end = closers ? (closed ? closers + next : next + closers) : (opens(trimmed) ? '' : closing) + next
  return text.slice(0, start) + trimmed + end
}

/** Whether marks after this would open something rather than close it. */
function opens(text: string): boolean {
  return text === '' || /[\s([{“"—]$/.test(text)
}
