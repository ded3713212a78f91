// @vitest-environment jsdom
/** What is drawn of a text that grows, how much of it is drawn anew, and where it can be cut. */
import { describe, expect, test } from 'vitest'
import { dice } from '../../../../packages/streaming-client/tests/hands'
import { blocksOf, CUT_LEAST, seamOf } from './blocks'
import { GrowingProse } from './growing'
import { md, prose } from './markdown'
import { cleaned, type Allowed } from './sanitize'

const shut: Allowed = { outsideMedia: false, heldLabel: ({ alt }) => `Show ${alt}`, plainLabel: ({ alt }) => `${alt} is elsewhere` }

/** The text as it stands in the page while more is being written. */
function grown(...pieces: string[]): string {
  const box = document.createElement('div')
  const growing = new GrowingProse(box, shut)
  for (const piece of pieces) growing.append(piece)
  return box.innerHTML.trim()
}

function html(text: string, allowed = shut): string {
  const box = document.createElement('div')
  box.append(prose(text, allowed))
  return box.innerHTML.trim()
}

/** A text of everything that people of this field write, in any order. `tame`: without what only its end makes clear. */
function jumble(seed: number, tame = false): string {
  const roll = dice(seed)
  const parts = [
    'The lamp swings. ', '*She bows.* ', '“So,” she says. ', 'He “*nods*” twice. ', '**No!** ', 'A `word` here. ', '灯在摇晃。', '“好。”', '「走。」',
    '\n\n', '\n\n', '\n\n', '\n', 'It ends. Or not? ', '\n\n- one\n- two *bold*\n- three\n\n', '\n\n```\ncode *is*\n\n  so\n```\n\n', '\n\n# Title\n\n',
    ...(tame
      ? []
      : ['\n\n- one\n\n- two\n\n  more\n\n', '\n\n1. one\n2. two\n\n', '<b>so</b> ', '\n\n<div>\n\ninside\n\n</div>\n\n', '> said\n', '    four', '\n---\n', '"open ', '*', '|a|b|\n|-|-|\n|c|d|\n', '\n\n~~~\n', '<details>\n']),
  ]
  let text = ''
  for (let count = 4 + Math.floor(roll() * 40); count > 0; count--) text += parts[Math.floor(roll() * parts.length)]
  return text
}

/** Each letter as s (said), e (emphasised) or a dot. */
function tints(box: HTMLElement): string {
  const walker = document.createTreeWalker(box, NodeFilter.SHOW_TEXT)
  let all = ''
  while (walker.nextNode()) {
    const { parentElement, textContent } = walker.currentNode
    const tint = parentElement?.closest('.speech') ? 's' : parentElement?.closest('em') ? 'e' : '.'
    all += tint.repeat(textContent!.replace(/\n/g, '').length)
  }
  return all
}

describe('a growing text', () => {
  const text =
    'The lamp *flickers* once. "Sit down," she says, and the chair creaks.\n\nOutside it rains — **hard**, for hours.\n\n' +
    '- one thing\n- another\n\n```\ncode "here" *is* literal\n```\n\nAnd then nothing more was said that night.'

  test.each([1, 3, 7, 25])('in steps of %i ends as the whole text does', (step) => {
    const box = document.createElement('div')
    const growing = new GrowingProse(box, shut)
    for (let at = 0; at < text.length; at += step) growing.append(text.slice(at, at + step))
    const whole = document.createElement('div')
    whole.append(prose(text, shut))
    expect(box.textContent?.replace(/\s+/g, ' ').trim()).toBe(whole.textContent?.replace(/\s+/g, ' ').trim())
    expect(box.querySelectorAll('em, strong, li, code, .speech').length).toBe(
      whole.querySelectorAll('em, strong, li, code, .speech').length,
    )
  })

  test.each([
    ['behind a speech', ['"Hi"', ' she', ' says'], '<p><span class="speech">"Hi"</span> she says</p>'],
    ['behind an action', ['*bows*', ' and', ' waits'], '<p><em>bows</em> and waits</p>'],
    ['behind an action with a stop', ['*bows.*', ' Then'], '<p><em>bows.</em> Then</p>'],
    ['behind bold words', ['**No**', ' more'], '<p><strong>No</strong> more</p>'],
    ['inside an action', ['*bo', 'ws', ' deep'], '<p><em>bows deep</em></p>'],
    ['inside a speech', ['“Hi', ' there'], '<p><span class="speech">“Hi there</span></p>'],
    ['after a space', ['one ', 'two ', 'three'], '<p>one two three</p>'],
    ['after a half-closed bold', ['**No*', '* more'], '<p><strong>No</strong> more</p>'],
  ])('goes on %s', (_, pieces, expected) => {
    expect(grown(...pieces)).toBe(expected)
  })

  test('a word never changes its tint once it is read', () => {
    const source = '*She nods.* "Come in, ‘Tom’," she *says* softly. “Sit.” ‘It’s late,’ he said. 她說：「走。」好。'
    const box = document.createElement('div')
    const growing = new GrowingProse(box, shut)
    const whole = tints(Object.assign(document.createElement('div'), { innerHTML: html(source) }))
    for (const letter of source) {
      growing.append(letter)
      const now = tints(box)
      // The last letters may be marks that do not mean anything yet.
      const known = now.slice(0, -2)
      expect([box.innerHTML, known]).toEqual([box.innerHTML, whole.slice(0, known.length)])
    }
  })

  test('plain words are appended, nothing is drawn again', () => {
    const box = document.createElement('div')
    const growing = new GrowingProse(box, shut)
    growing.append('Once upon a time')
    const paragraph = box.querySelector('p')
    for (let i = 0; i < 200; i++) growing.append(' and on')
    expect(growing.drawn).toBe(1)
    expect(growing.appended).toBe(200)
    expect(box.querySelector('p')).toBe(paragraph)
  })

  test('of a long reply only the open block is drawn again', () => {
    const box = document.createElement('div')
    const growing = new GrowingProse(box, shut)
    growing.append('A first paragraph.\n\nA second.\n\n')
    const first = box.querySelector('p')
    growing.append('*Smiles* "and so on"')
    growing.append(' **bold**')
    expect(box.querySelector('p')).toBe(first)
    expect(growing.drawn).toBeLessThanOrEqual(5)
  })

  test('drawn block by block, a text looks as it does drawn at once', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const source = jumble(seed)
      const box = document.createElement('div')
      const at = (part: string) => cleaned(md.render(part, { open: false }), shut)
      box.append(at(source))
      expect([source, html(source)]).toEqual([source, box.innerHTML.trim()])
      expect(blocksOf(source).join('')).toBe(source)
    }
  })

  test('however it came, a text ends as it looks when it is finished', () => {
    for (let seed = 1; seed <= 8; seed++) {
      const source = jumble(seed, true)
      const roll = dice(seed)
      const box = document.createElement('div')
      const growing = new GrowingProse(box, shut)
      for (let at = 0; at < source.length;) {
        const to = at + 1 + Math.floor(roll() * 20)
        growing.append(source.slice(at, to))
        at = to
      }
      const plain = (markup: string) => markup.replace(/\s+/g, ' ').replace(/> | </g, (space) => space.trim()).trim()
      expect([source, plain(box.innerHTML)]).toEqual([source, plain(html(source))])
    }
  }, 40_000)

  test.each([
    ['of many paragraphs', 'The *lamp* swings. “So,” she says.\n\n'],
    ['of one paragraph', 'The *lamp* swings. “So,” she says. '],
    ['of one paragraph in Chinese', '灯*摇晃*着。“好，”她说。'],
    ['of many lines', 'The *lamp* swings.\n“So,” she says.\n'],
    ['of one list', '- the *lamp* swings, “so” she says\n'],
    ['of code', 'def light(lamp): "slowly" * 2\n', '```python\n'],
  ])('the work for a delta does not grow with the reply: %s', (_, sentence, before = '') => {
    const box = document.createElement('div')
    const growing = new GrowingProse(box, shut)
    growing.append(before)
    let touched = 0
    const watcher = new MutationObserver(() => {})
    watcher.observe(box, { childList: true, subtree: true, characterData: true })
    for (let letters = 0; letters < 1_000; letters += sentence.length) {
      for (let at = 0; at < sentence.length; at += 20) {
        const { drawn, drawnLetters } = growing
        growing.append(sentence.slice(at, at + 20))
        expect(growing.drawn - drawn).toBeLessThanOrEqual(3)
        // What was open, and once more where something of it is finished.
        expect(growing.drawnLetters - drawnLetters).toBeLessThanOrEqual(2 * CUT_LEAST + 200)
        const changes = watcher.takeRecords()
        const nodes = changes.reduce((sum, one) => sum + one.addedNodes.length + one.removedNodes.length + 1, 0)
        touched = Math.max(touched, nodes)
      }
    }
    expect(touched).toBeLessThan(500)
  }, 40_000)

  test('code is only appended to, mark or not, until its fence is closed', () => {
    const box = document.createElement('div')
    const growing = new GrowingProse(box, shut)
    growing.append('```\nlet a')
    const code = box.querySelector('code')
    for (const piece of [' = `b`', '\n', '`', '` and\n', '*no* <b>', '\n``']) growing.append(piece)
    expect(growing.drawn).toBe(1)
    expect(box.querySelector('code')).toBe(code)
    expect(code?.textContent).toBe('let a = `b`\n`` and\n*no* <b>\n')
    growing.append('`\n\nDone.')
    expect(box.innerHTML.trim()).toBe(html('```\nlet a = `b`\n`` and\n*no* <b>\n```\n\nDone.'))
  })

  test.each([
    ['', 0],
    ['one', 0],
    ['one\n\n', 0],
    ['one\n\ntwo', 5],
    ['one\n\n  two', 0],
    ['- one\n\n- two', 0],
    ['- one\n\n-', 0],
    ['- one\n\n*', 0],
    ['- one\n\n*bows*', 7],
    ['- one\n\n2', 0],
    ['- one\n\n2 ', 7],
    ['one\n\n- two', 5],
    ['<div>\n\none\n\n</div>\n\ntwo', 20],
    ['a <b>c</b>\n\ntwo', 12],
    ['<!-- a\n\nb -->\n\nc', 0],
    ['````\n```\n\n````\n\nb', 16],
    ['```a```\n\nb', 9],
    ['```\na\n\nb', 0],
    ['```\na\n```\n\nb', 11],
  ])('%j has its seam at %i', (source, seam) => {
    expect(seamOf(source)).toBe(seam)
  })
})
