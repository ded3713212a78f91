/**
 * Marks what is said: text between quotation marks becomes `<span class="speech">`, as good typesetting tints it.
 *
 * Works on the tokens of one block, so that emphasis inside speech stays whole, and speech inside speech is part of it. A
 * straight or single quotation mark must be closed (5" is an inch, ‘tis an apostrophe set wrong); another opening one may
 * run to the end of its paragraph, as novels do when a speech goes on in the next.
 */
import type { MarkdownIt, StateCore, Token } from 'markdown-it'

const CLOSES: Record<string, string> = {
  '"': '"', '“': '”', '„': '“”', '‘': '’', '«': '»', '»': '«', '「': '」', '『': '』', '＂': '＂',
}
const MARK = /(["“”„‘’«»「」『』＂])/
/** A letter or digit of a script that leaves spaces between words. Where there are none, a mark may touch any letter. */
const SPACED = /[\p{L}\p{N}]/u
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u

interface Spot {
  /** Index in the new list of tokens. */
  at: number
  level: number
  mark: string
  /** It tints what follows also before it is closed. */
  sure: boolean
}

export function markSpeech(md: MarkdownIt): void {
  md.core.ruler.after('inline', 'speech', (state: StateCore) => {
    for (const token of state.tokens) {
      if (token.type === 'inline' && token.children && MARK.test(token.content))
        token.children = marked(token.children, state, state.env.open === true)
    }
  })
}

/** `open`: the text is still being written, its last quotation may be unclosed. */
function marked(tokens: Token[], state: StateCore, open: boolean): Token[] {
  const out: Token[] = []
  const begun: Spot[] = []
  let level = 0

  const close = (spot: Spot): void => {
    begun.length = begun.indexOf(spot)
    // Within a speech, another one is part of it.
    if (begun.some((outer) => outer.level === spot.level && outer.sure)) return
    out.splice(spot.at, 0, span(state, 1))
    out.push(span(state, -1))
  }

  tokens.forEach((token, index) => {
    if (token.nesting < 0) {
      level -= 1
      // Speech that began inside an emphasis ends with it at the latest.
      const inner = begun.find((spot) => spot.level > level)
      if (inner && open && inner.sure && tokens.slice(index).every(isEnding)) close(inner)
      else if (inner) begun.length = begun.indexOf(inner)
    }
    if (token.type === 'text') {
      const parts = token.content.split(MARK)
      parts.forEach((part, at) => {
        if (part === '') return
        if (at % 2 === 0) return void out.push(text(state, part))
        const before = parts[at - 1]?.at(-1) ?? ''
        const after = parts[at + 1]?.[0] ?? ''
        const last = begun.at(-1)
        if (last && last.level === level && CLOSES[last.mark]?.includes(part) && !isApostrophe(part, before, after)) {
          out.push(text(state, part))
          close(last)
        } else {
          if (mayOpen(part, before)) begun.push({ at: out.length, level, mark: part, sure: isSure(part, after, open) })
          out.push(text(state, part))
        }
      })
    } else {
      out.push(token)
    }
    if (token.nesting > 0) level += 1
  })
  const first = begun.find((spot) => spot.level === level && spot.sure)
  if (first) close(first)
  return out
}

function isEnding(token: Token): boolean {
  return token.nesting < 0 || (token.type === 'text' && token.content === '')
}

const isApostrophe = (mark: string, before: string, after: string) => mark === '’' && isSpaced(before) && isSpaced(after)

/** 5" and rock ’n’ roll open nothing. */
function mayOpen(mark: string, before: string): boolean {
  if (!(mark in CLOSES)) return false
  return !('"‘»'.includes(mark) && isSpaced(before))
}

function isSure(mark: string, after: string, open: boolean): boolean {
  if (mark === '"' || mark === '＂' || mark === '»') return open
  // A speech begins with a capital; ‘tis does not.
  if (mark === '‘') return open && /[\p{Lu}\p{Lo}]/u.test(after)
  return true
}

function isSpaced(letter: string): boolean {
  return SPACED.test(letter) && !UNSPACED.test(letter)
}

function text(state: StateCore, content: string): Token {
  const token = new state.Token('text', '', 0)
  token.content = content
  return token
}

function span(state: StateCore, nesting: 1 | -1): Token {
  const token = new state.Token(nesting > 0 ? 'speech_open' : 'speech_close', 'span', nesting)
  if (nesting > 0) token.attrSet('class', 'speech')
  return token
}
