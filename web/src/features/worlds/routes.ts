import { Earth } from '@lucide/vue'
import type { RouteRecordRaw } from 'vue-router'
import type { NavigationEntry } from '@/app/navigation'

export const navigation: NavigationEntry[] = [{ to: 'worlds', label: 'worlds.title', icon: Earth, order: 24 }]

export const routes: RouteRecordRaw[] = [
  {
    // Together under one record, so that the rail knows that a world is one of the worlds.
    path: '/worlds',
    children: [
      { path: '', name: 'worlds', component: () => import('./WorldsPage.vue'), meta: { title: 'worlds.title' } },
      {
        path: ':worldId',
        name: 'world',
        component: () => import('./WorldPage.vue'),
        props: true,
        meta: { title: 'worlds.world', immersive: true },
      },
    ],
  },
]
