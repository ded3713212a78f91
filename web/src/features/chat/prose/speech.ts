/**
 * Marks what is said: text between quotation marks becomes `<span class="speech">`, as good typesetting tints it.
 *
 * Works on the tokens of one block, so that emphasis inside speech stays whole. A straight quotation mark must be closed
 * (5" is an inch); an opening one may run to the end of its paragraph, as novels do when a speech goes on in the next.
 */
import type { MarkdownIt, StateCore, Token } from 'markdown-it'

const CLOSES: Record<string, string> = { '"': '"', '“': '”', '„': '“', '«': '»', '「': '」', '『': '』', '＂': '＂' }
const MARKS = /["“”„«»「」『』＂]/

interface Spot {
  /** Index in the new list of tokens. */
  at: number
  level: number
  mark: string
}

export function markSpeech(md: MarkdownIt): void {
  md.core.ruler.after('inline', 'speech', (state: StateCore) => {
    for (const token of state.tokens) {
      if (token.type === 'inline' && token.children && MARKS.test(token.content))
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
    out.splice(spot.at, 0, span(state, 1))
    out.push(span(state, -1))
    begun.length = begun.indexOf(spot)
  }

  for (const token of tokens) {
    if (token.nesting < 0) {
      level -= 1
      // Speech that began inside an emphasis ends with it at the latest.
      while (begun.length && begun.at(-1)!.level > level) begun.pop()
    }
    if (token.type === 'text') {
      for (const part of parts(token.content)) {
        const last = begun.at(-1)
        if (last && CLOSES[last.mark] === part && last.level === level) {
          out.push(text(state, part))
          close(last)
        } else if (part in CLOSES) {
          begun.push({ at: out.length, level, mark: part })
          out.push(text(state, part))
        } else {
          out.push(text(state, part))
        }
      }
    } else {
      out.push(token)
    }
    if (token.nesting > 0) level += 1
  }
  const first = begun.find((spot) => spot.level === level && (open || spot.mark !== '"'))
  if (first) close(first)
  return out
}

function parts(content: string): string[] {
  return content.split(/(["“”„«»「」『』＂])/).filter((part) => part !== '')
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
