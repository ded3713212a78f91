import { Settings } from '@lucide/vue'
import type { RouteRecordRaw } from 'vue-router'
import type { NavigationEntry } from '@/app/navigation'

export const navigation: NavigationEntry[] = [{ to: 'settings', label: 'settings.title', icon: Settings, order: 90 }]

export const routes: RouteRecordRaw[] = [
  {
    path: '/settings',
    name: 'settings',
    component: () => import('./SettingsFrame.vue'),
    redirect: { name: 'settings-connections' },
    children: [
      {
        path: 'connections',
        name: 'settings-connections',
        component: () => import('./connections/ConnectionsPage.vue'),
        meta: { title: 'settings.connections' },
      },
      {
        path: 'appearance',
        name: 'settings-appearance',
        component: () => import('./AppearancePage.vue'),
        meta: { title: 'settings.appearance' },
      },
      {
        path: 'account',
        name: 'settings-account',
        component: () => import('./account/AccountPage.vue'),
        meta: { title: 'settings.account' },
      },
      {
        path: 'moving',
        name: 'settings-moving',
        component: () => import('./moving/MovingPage.vue'),
        meta: { title: 'moving.title' },
      },
      {
        path: 'people',
        name: 'settings-people',
        component: () => import('./people/PeoplePage.vue'),
        meta: { title: 'settings.people', admin: true },
      },
    ],
  },
]
