import { LibraryBig } from '@lucide/vue'
import type { RouteRecordRaw } from 'vue-router'
import type { NavigationEntry } from '@/app/navigation'

export const navigation: NavigationEntry[] = [{ to: 'library', label: 'library.title', icon: LibraryBig, order: 10 }]

export const routes: RouteRecordRaw[] = [
  {
    path: '/library',
    name: 'library',
    component: () => import('./LibraryPage.vue'),
    meta: { title: 'library.title' },
  },
  {
    path: '/library/:characterId',
    name: 'character',
    component: () => import('./CharacterPage.vue'),
    props: true,
    meta: { title: 'library.character' },
  },
  {
    path: '/library/:characterId/edit',
    name: 'character-edit',
    component: () => import('./EditPage.vue'),
    props: true,
    meta: { title: 'library.edit' },
  },
]
