// @vitest-environment jsdom
import { describe, expect, test } from 'vitest'
import { GrowingProse, seamOf } from './growing'
import { prose } from './markdown'
import type { Allowed } from './sanitize'

const shut: Allowed = { outsideMedia: false, heldLabel: ({ alt }) => `Show ${alt}` }

function html(text: string, allowed = shut, open = false): string {
  const box = document.createElement('div')
  box.append(prose(text, allowed, open))
  return box.innerHTML.trim()
}

describe('speech is marked and actions are emphasised', () => {
  test.each([
    ['straight', 'He said "come in" softly.', '<p>He said <span class="speech">"come in"</span> softly.</p>'],
    ['curly', '“Come in.”', '<p><span class="speech">“Come in.”</span></p>'],
    ['Chinese', '她说：「进来。」', '<p>她说：<span class="speech">「进来。」</span></p>'],
    ['French', '« Entrez »', '<p><span class="speech">« Entrez »</span></p>'],
    ['action', '*bows* "Hi"', '<p><em>bows</em> <span class="speech">"Hi"</span></p>'],
    ['emphasis inside', '"You *must* go"', '<p><span class="speech">"You <em>must</em> go"</span></p>'],
    ['speech inside an action', '*he says "hi" and waves*', '<p><em>he says <span class="speech">"hi"</span> and waves</em></p>'],
    ['an inch', 'a 5" nail', '<p>a 5" nail</p>'],
    ['a curly one that goes on in the next paragraph', '“One\n\n“Two”', '<p><span class="speech">“One</span></p>\n<p><span class="speech">“Two”</span></p>'],
    ['across an emphasis', '*he said "hi* there"', '<p><em>he said "hi</em> there"</p>'],
    ['in code', '`"a"`', '<p><code>"a"</code></p>'],
    ['two on a line', '"A" or "B"', '<p><span class="speech">"A"</span> or <span class="speech">"B"</span></p>'],
  ])('%s', (_, text, expected) => {
    expect(html(text)).toBe(expected)
  })

  test('while it is being written, an open quotation is marked already', () => {
    expect(html('"Come', shut, true)).toBe('<p><span class="speech">"Come</span></p>')
    expect(html('*he bo', shut, true)).toBe('<p><em>he bo</em></p>')
    expect(html('**he bo', shut, true)).toBe('<p><strong>he bo</strong></p>')
  })
})

describe('hostile markup is harmless', () => {
  test.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '<svg onload=alert(1)><script>alert(1)</script></svg>',
    '<svg><animate onbegin=alert(1) attributeName=x></svg>',
    '<a href="javascript:alert(1)">x</a>',
    '<a href="java\tscript:alert(1)">x</a>',
    '[x](javascript:alert(1))',
    '[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)',
    '<iframe src="https://evil.example"></iframe>',
    '<object data="x"></object><embed src="x">',
    '<form action="https://evil.example"><input name=password><button>Sign in</button></form>',
    '<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>',
    '<style>body{display:none}</style>',
    '<p style="position:fixed;inset:0">x</p>',
    '<div class="dialog veil" id="app" name="cookie">x</div>',
    '<base href="https://evil.example/">',
    '<meta http-equiv=refresh content="0;url=https://evil.example">',
    '<link rel=stylesheet href="https://evil.example/x.css">',
    '<video src=x onerror=alert(1)></video><audio src=x onerror=alert(1)>',
    '<details open ontoggle=alert(1)>x</details>',
    '<img src="data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+">',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    '<a href="https://x.example" onclick=alert(1) target=_self>x</a>',
    '`<img src=x onerror=alert(1)>`',
    '"<b onmouseover=alert(1)>said</b>"',
  ])('%s', (text) => {
    for (const allowed of [shut, { ...shut, outsideMedia: true }]) {
      const box = document.createElement('div')
      box.append(prose(text, allowed))
      for (const element of box.querySelectorAll('*')) {
        expect(['SCRIPT', 'IFRAME', 'OBJECT', 'EMBED', 'FORM', 'INPUT', 'STYLE', 'BASE', 'META', 'LINK', 'svg', 'SVG', 'MATH', 'VIDEO', 'AUDIO']).not.toContain(element.tagName)
        for (const { name, value } of element.attributes) {
          expect(name).not.toMatch(/^on|^style$|^id$|^name$/)
          expect(value).not.toMatch(/^\s*(java\s*script|vbscript|data:text|data:image\/svg)/i)
        }
        if (!element.matches('.held-image')) expect(element.className).toMatch(/^(speech)?$/)
        if (element.tagName === 'A') expect(element.getAttribute('rel')).toContain('noopener')
      }
    }
  })
})

test('pictures of other hosts wait behind a button', () => {
  expect(html('![a map](https://elsewhere.example/map.png)')).toBe(
    '<p><button type="button" class="held-image" data-host="elsewhere.example">Show a map</button></p>',
  )
})

test('pictures of other hosts load once they are allowed', () => {
  const box = document.createElement('div')
  box.append(prose('![a map](https://elsewhere.example/map.png)', { ...shut, outsideMedia: true }))
  expect(box.querySelector('img')?.getAttribute('src')).toBe('https://elsewhere.example/map.png')
  expect(box.querySelector('img')?.getAttribute('referrerpolicy')).toBe('no-referrer')
})

test('single line ends are kept, as people write them', () => {
  expect(html('one\ntwo')).toBe('<p>one<br>\ntwo</p>')
})

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
    expect(growing.drawn).toBeLessThanOrEqual(4)
  })

  test.each([
    ['', 0],
    ['one', 0],
    ['one\n\n', 5],
    ['one\n\ntwo', 5],
    ['```\na\n\nb', 0],
    ['```\na\n```\n\nb', 11],
  ])('%j has its seam at %i', (source, seam) => {
    expect(seamOf(source)).toBe(seam)
  })
})
