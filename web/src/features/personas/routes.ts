import { Drama } from '@lucide/vue'
import type { RouteRecordRaw } from 'vue-router'
import type { NavigationEntry } from '@/app/navigation'

export const navigation: NavigationEntry[] = [{ to: 'personas', label: 'personas.title', icon: Drama, order: 30 }]

export const routes: RouteRecordRaw[] = [
  {
    path: '/personas',
    name: 'personas',
    component: () => import('./PersonasPage.vue'),
    meta: { title: 'personas.title' },
  },
]
