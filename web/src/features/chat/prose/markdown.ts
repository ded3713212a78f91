/** A message's text as nodes: Markdown as people of this field write it, speech marked, strangers' markup made harmless. */
import MarkdownIt from 'markdown-it'
import { blocksOf } from './blocks'
import { cleaned, type Allowed } from './sanitize'
import { markSpeech } from './speech'

export const md = new MarkdownIt({ html: true, breaks: true, linkify: true, typographer: false })
md.use(markSpeech)
md.disable(['reference'])
md.linkify.set({ fuzzyLink: false, fuzzyEmail: false })

/** Stands where the next word goes while a text is being written: a sign that no text of people has. */
export const NEXT_WORD = '\uE0F1'

/** So many finished blocks are remembered: a reply at its end is made of those it was written in. */
const KEPT_MOST = 400
const kept = new WeakMap<Allowed, Map<string, DocumentFragment>>()

/** A finished text, block by block. */
export function prose(text: string, allowed: Allowed): DocumentFragment {
  const whole = document.createDocumentFragment()
  for (const block of blocksOf(text)) whole.append(finished(block, allowed))
  return whole
}

/** A text that is still being written: what it began may be unclosed; a NEXT_WORD stands where it goes on. */
export function openProse(text: string, allowed: Allowed): DocumentFragment {
  if (text.trim() === '') return document.createDocumentFragment()
  // Behind its marks, a fence would not be closed.
  const next = /(?:^|\n) {0,3}(?:`{3,}|~{3,})\s*$/.test(text) ? '' : ` ${NEXT_WORD}`
  return cleaned(md.render(healed(text.replaceAll(NEXT_WORD, ''), next), { open: true }), allowed)
}

function finished(block: string, allowed: Allowed): DocumentFragment {
  const known = kept.get(allowed) ?? new Map<string, DocumentFragment>()
  kept.set(allowed, known)
  const made = known.get(block) ?? cleaned(md.render(block, { open: false }), allowed)
  known.delete(block)
  known.set(block, made)
  if (known.size > KEPT_MOST) known.delete(known.keys().next().value!)
  return made.cloneNode(true) as DocumentFragment
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
