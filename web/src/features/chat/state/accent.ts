/** A speaker's own colour, held to a contrast of 4.5:1 on the page's ground. */

type Rgb = [number, number, number]

export const LEAST_CONTRAST = 4.5

/** `accent`, made darker or lighter until it can be read on `ground`; null when it is no colour. */
export function readable(accent: string | null | undefined, ground: string): string | null {
  const colour = parse(accent ?? '')
  const back = parse(ground)
  if (!colour || !back) return null
  const target: Rgb = luminance(back) > 0.18 ? [0, 0, 0] : [255, 255, 255]
  for (let share = 0; share <= 1; share += 0.04) {
    const mixed = colour.map((part, i) => Math.round(part + (target[i]! - part) * share)) as Rgb
    if (contrast(mixed, back) >= LEAST_CONTRAST) return hex(mixed)
  }
  return hex(target)
}

export function contrastOf(one: string, other: string): number {
  return contrast(parse(one) ?? [0, 0, 0], parse(other) ?? [0, 0, 0])
}

function contrast(one: Rgb, other: Rgb): number {
  const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number]
  return (high + 0.05) / (low + 0.05)
}

/** Relative luminance. Source: WCAG 2.2. */
function luminance(colour: Rgb): number {
  const [r, g, b] = colour.map((part) => {
    const share = part / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  }) as Rgb
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function parse(text: string): Rgb | null {
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(text.trim())
  return match ? (match.slice(1).map((part) => Number.parseInt(part, 16)) as Rgb) : null
}

function hex(colour: Rgb): string {
  return `#${colour.map((part) => part.toString(16).padStart(2, '0')).join('')}`
}
