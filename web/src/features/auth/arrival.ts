/** Where somebody goes once the door is open, and how their device is called in the list of sessions. */
import type { LocationQueryValue, RouteLocationRaw } from 'vue-router'

export function afterwards(to: LocationQueryValue | LocationQueryValue[] | undefined): RouteLocationRaw {
  // Only paths of this page: an address from outside could lead anywhere.
  return typeof to === 'string' && /^\/(?![/\\])/.test(to) ? to : { name: 'library' }
}

export function deviceName(agent = navigator.userAgent): string {
  const browser = /Edg\//.test(agent)
    ? 'Edge'
    : /Firefox\//.test(agent)
      ? 'Firefox'
      : /Chrom(e|ium)\//.test(agent)
        ? 'Chrome'
        : /Safari\//.test(agent)
          ? 'Safari'
          : 'Browser'
  const system = /Android/.test(agent)
    ? 'Android'
    : /iPhone|iPad/.test(agent)
      ? 'iOS'
      : /Mac OS/.test(agent)
        ? 'macOS'
        : /Windows/.test(agent)
          ? 'Windows'
          : /Linux/.test(agent)
            ? 'Linux'
            : ''
  return system ? `${browser}, ${system}` : browser
}
