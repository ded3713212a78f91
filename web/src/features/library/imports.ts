/** Files on their way into the library. */
import { defineStore } from 'pinia'
import { charactersApi } from '@/api/characters'
import { arriving } from '@/state/arriving'
import { useShelf } from './shelf'

export const ACCEPTED = '.png,.apng,.json,.charx,.yaml,.yml,.zip'

const CONTENT_TYPES: Record<string, string> = {
  png: 'image/png',
  apng: 'image/png',
  json: 'application/json',
  yaml: 'application/yaml',
  yml: 'application/yaml',
  charx: 'application/zip',
  zip: 'application/zip',
}

export const useImports = defineStore('imports', () =>
  arriving({
    atOnce: 3,
    purpose: 'character',
    typeOf: (file) => CONTENT_TYPES[file.name.split('.').pop()?.toLowerCase() ?? ''] ?? 'application/octet-stream',
    take: charactersApi.import,
    ended: () => Promise.all([useShelf().reload(), useShelf().loadTags()]),
  }),
)
