import { createRouter, createWebHistory } from 'vue-router'
import { useSession } from '@/state/session'
import { featureRoutes } from './navigation'

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: '/', redirect: { name: 'library' } },
    ...featureRoutes,
    {
      path: '/:lost(.*)*',
      name: 'lost',
      component: () => import('./LostPage.vue'),
      meta: { title: 'shell.lost.title', open: true },
    },
  ],
  scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? false : { top: 0 }),
})

router.beforeEach(async (to) => {
  const session = useSession()
  await session.restore()
  if (to.meta.open || session.account) return to.meta.admin && !session.isAdmin ? { name: 'library' } : true
  return { name: 'sign-in', query: to.fullPath === '/' || to.name === 'library' ? {} : { to: to.fullPath } }
})
