/** The rules of names and passwords, told while typing; the server has the last word (models/users.py). */

export const PASSWORD_LEAST = 10
const NAME = /^[\p{L}\p{N}_][\p{L}\p{N}_ .'-]*$/u

export type NameFault = 'short' | 'long' | 'signs'

export function nameFault(name: string): NameFault | null {
  const length = [...name].length
  if (length < 2) return 'short'
  if (length > 40) return 'long'
  return NAME.test(name) ? null : 'signs'
}

export function isEmail(text: string): boolean {
  return /^[^@\s]+@[^@\s]+$/.test(text) && text.length >= 3 && text.length <= 254
}
