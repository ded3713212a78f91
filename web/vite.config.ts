/** How the page is built: every file from its own host, nothing inline, a strict Content-Security-Policy holds. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import vue from '@vitejs/plugin-vue'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

const server = process.env.TAVERN_DEV_SERVER ?? 'http://127.0.0.1:8787'
const proxy = {
  '/api': { target: server },
  '/tavern-media': { target: server },
  '/socket': { target: server, ws: true },
}

export default defineConfig({
  plugins: [vue(), packed()],
  define: {
    __VUE_OPTIONS_API__: 'true',
    __VUE_PROD_DEVTOOLS__: 'false',
    __VUE_I18N_FULL_INSTALL__: 'false',
    __VUE_I18N_LEGACY_API__: 'false',
    __INTLIFY_PROD_DEVTOOLS__: 'false',
    // Messages are compiled to a tree that is walked, never to code: no eval.
    __INTLIFY_JIT_COMPILATION__: 'true',
    __INTLIFY_DROP_MESSAGE_COMPILER__: 'false',
  },
  resolve: {
    alias: {
      '@': fileURLToPath(new URL('./src', import.meta.url)),
      '@tavern/streaming-client': fileURLToPath(
        new URL('./packages/streaming-client/src/index.ts', import.meta.url),
      ),
    },
  },
  server: { proxy, host: '127.0.0.1' },
  preview: { proxy, host: '127.0.0.1' },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 600,
  },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.test.ts', 'packages/**/*.test.ts'],
    testTimeout: 10_000,
  },
})

/** Puts a .br and a .gz beside every text of the build, so that no server has to pack it again and again. */
function packed(): Plugin {
  return {
    name: 'packed',
    apply: 'build',
    writeBundle({ dir = 'dist' }) {
      for (const name of readdirSync(dir, { recursive: true }) as string[]) {
        const path = join(dir, name)
        if (!/\.(js|css|html|svg|webmanifest)$/.test(name) || statSync(path).size < 1024) continue
        const text = readFileSync(path)
        writeFileSync(`${path}.gz`, gzipSync(text, { level: 9 }))
        writeFileSync(`${path}.br`, brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }))
      }
    },
  }
}
