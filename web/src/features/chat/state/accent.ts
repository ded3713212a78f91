/** A speaker's own colour, held to a contrast of 4.5:1 on the page's ground. */

type Rgb = [number, number, number]

export const LEAST_CONTRAST = 4.5

/** `accent`, made darker or lighter in its own hue until it can be read on `ground`; null when it is no colour. */
export function readable(accent: string | null | undefined, ground: string): string | null {
  const colour = parse(accent ?? '')
  const back = parse(ground)
  if (!colour || !back) return null
  if (contrast(colour, back) >= LEAST_CONTRAST) return hex(colour)
  const [hue, saturation, lightness] = hsl(colour)
  // A dark brown made lighter keeps its warmth only if it is not mixed with white.
  const vivid = saturation > 0.12 ? Math.max(saturation, 0.42) : saturation
  const step = luminance(back) > 0.18 ? -0.02 : 0.02
  for (let light = lightness; light >= 0 && light <= 1; light += step) {
    const made = rgb(hue, vivid, light)
    if (contrast(made, back) >= LEAST_CONTRAST) return hex(made)
  }
  return step < 0 ? '#000000' : '#ffffff'
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

/** Hue in degrees, saturation and lightness from 0 to 1. */
function hsl([red, green, blue]: Rgb): Rgb {
  const [r, g, b] = [red / 255, green / 255, blue / 255]
  const [most, least] = [Math.max(r, g, b), Math.min(r, g, b)]
  const span = most - least
  const lightness = (most + least) / 2
  if (span === 0) return [0, 0, lightness]
  const turn = most === r ? ((g - b) / span + 6) % 6 : most === g ? (b - r) / span + 2 : (r - g) / span + 4
  return [turn * 60, span / (1 - Math.abs(2 * lightness - 1)), lightness]
}

/** Source: CSS Color 4, "HSL to RGB". */
function rgb(hue: number, saturation: number, lightness: number): Rgb {
  const reach = saturation * Math.min(lightness, 1 - lightness)
  const part = (n: number) => {
    const k = (n + hue / 30) % 12
    return Math.round(255 * (lightness - reach * Math.max(-1, Math.min(k - 3, 9 - k, 1))))
  }
  return [part(0), part(8), part(4)]
}
