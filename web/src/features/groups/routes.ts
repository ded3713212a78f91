import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/groups',
    children: [
      { path: '', name: 'groups', component: () => import('./GroupsPage.vue'), meta: { title: 'groups.title' } },
      { path: ':groupId', name: 'group', component: () => import('./GroupPage.vue'), props: true, meta: { title: 'groups.one' } },
    ],
  },
]
