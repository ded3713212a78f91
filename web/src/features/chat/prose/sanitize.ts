/**
 * What of a stranger's markup may be shown: a strict list of elements and attributes, no styles, no classes but ours, no
 * ids, no forms, links that open apart and tell nobody where they came from. Pictures of other hosts leak who reads and
 * when, so they wait behind a quiet button until the reader allows them for this character.
 */
import DOMPurify from 'dompurify'

const TAGS = (
  'p br hr em strong b i del s u sub sup small mark q blockquote ul ol li h1 h2 h3 h4 h5 h6 code pre span div center ' +
  'table thead tbody tr th td details summary ruby rt rp a img'
).split(' ')
const PLAIN_ATTRIBUTES = ['start', 'colspan', 'rowspan', 'align']
const ATTRIBUTES = ['href', 'title', 'alt', 'src', 'class', ...PLAIN_ATTRIBUTES]
const OUR_CLASSES = new Set(['speech', 'speech-off'])
const ADDRESSES = /^(?:https?:\/\/|mailto:|data:image\/(?:png|jpeg|gif|webp|avif);base64,|\/tavern-media\/)/i

export interface HeldImage {
  src: string
  alt: string
}

export interface Allowed {
  /** Pictures of other hosts may load. */
  outsideMedia: boolean
  /** The word on the placeholder of a held picture. */
  heldLabel: (image: HeldImage) => string
  /** What is said in place of a picture that comes over plain HTTP: the page's policy never lets it load. */
  plainLabel: (image: HeldImage) => string
}

let purifier: ReturnType<typeof DOMPurify> | null = null

/** The harmless nodes of `html`. */
export function cleaned(html: string, allowed: Allowed): DocumentFragment {
  purifier ??= prepared()
  const fragment = purifier.sanitize(html, {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ATTRIBUTES,
    ALLOWED_URI_REGEXP: ADDRESSES,
    // Else these would have to look like addresses: a list that begins at 7 would begin at 1.
    ADD_URI_SAFE_ATTR: PLAIN_ATTRIBUTES,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    SANITIZE_NAMED_PROPS: true,
    RETURN_DOM_FRAGMENT: true,
  })
  for (const image of fragment.querySelectorAll('img')) admit(image, allowed)
  // What scrolls sideways must be reachable by keys.
  for (const wide of fragment.querySelectorAll('pre')) wide.tabIndex = 0
  return fragment
}

function prepared(): ReturnType<typeof DOMPurify> {
  const own = DOMPurify(window)
  own.addHook('afterSanitizeAttributes', (node) => {
    const kept = [...node.classList].filter((name) => OUR_CLASSES.has(name))
    if (kept.length) node.setAttribute('class', kept.join(' '))
    else node.removeAttribute('class')
    if (node.tagName === 'A') {
      const href = node.getAttribute('href') ?? ''
      if (!/^(https?:|mailto:)/i.test(href)) node.removeAttribute('href')
      node.setAttribute('target', '_blank')
      node.setAttribute('rel', 'noopener noreferrer nofollow ugc')
    } else {
      node.removeAttribute('href')
    }
    // DOMPurify lets any data: address through on pictures; an SVG among them may hold more than a picture.
    if (node.tagName !== 'IMG' || !ADDRESSES.test(node.getAttribute('src') ?? '')) node.removeAttribute('src')
  })
  return own
}

function admit(image: HTMLImageElement, allowed: Allowed): void {
  const src = image.getAttribute('src') ?? ''
  if (!src) {
    image.remove()
    return
  }
  image.setAttribute('loading', 'lazy')
  image.setAttribute('decoding', 'async')
  image.setAttribute('referrerpolicy', 'no-referrer')
  if (isOurs(src)) return
  const alt = image.getAttribute('alt') ?? ''
  if (/^http:/i.test(src)) {
    image.replaceWith(linkTo(src, allowed.plainLabel({ src, alt })))
    return
  }
  if (allowed.outsideMedia) return
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'held-image'
  button.dataset.host = hostOf(src)
  button.textContent = allowed.heldLabel({ src, alt })
  image.replaceWith(button)
}

function linkTo(src: string, text: string): HTMLAnchorElement {
  const link = document.createElement('a')
  link.className = 'held-image'
  link.href = src
  link.target = '_blank'
  link.rel = 'noopener noreferrer nofollow ugc'
  link.textContent = text
  return link
}

function isOurs(src: string): boolean {
  return src.startsWith('data:') || src.startsWith('/tavern-media/') || hostOf(src) === location.host
}

export function hostOf(src: string): string {
  try {
    return new URL(src, location.href).host
  } catch {
    return ''
  }
}
