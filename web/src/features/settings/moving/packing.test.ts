// @vitest-environment node
/** Files become an archive that other programs read, the same whenever they are the same. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { listArchive } from './directory'
import { crc, pack, type FoundFile } from './packing'

function found(path: string, text: string): FoundFile {
  return { path, file: new File([text], path.split('/').pop()!) }
}

const FILES = [found('default-user/worlds/港口.json', '{}'), found('default-user/characters/Anna.png', 'not a picture')]

test('a checksum is the one zip archives use', () => {
  expect(crc(new TextEncoder().encode('123456789'))).toBe(0xcbf43926)
})

test('what was packed is listed with its sizes', async () => {
  const archive = await pack(FILES, () => {})
  expect(await listArchive(archive)).toEqual([
    { path: 'default-user/characters/Anna.png', size: 13 },
    { path: 'default-user/worlds/港口.json', size: 2 },
  ])
})

test('the same files give the same bytes, in whatever order they come', async () => {
  const one = await (await pack(FILES, () => {})).arrayBuffer()
  const other = await (await pack([...FILES].reverse(), () => {})).arrayBuffer()
  expect(Buffer.from(one).equals(Buffer.from(other))).toBe(true)
})

test('another program reads it', async () => {
  const place = join(mkdtempSync(join(tmpdir(), 'packing-')), 'a.zip')
  writeFileSync(place, Buffer.from(await (await pack(FILES, () => {})).arrayBuffer()))
  const script = 'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(z.testzip(), z.read(z.namelist()[0]).decode())'
  expect(execFileSync('python3', ['-c', script, place]).toString().trim()).toBe('None not a picture')
})

test('what is no archive is refused', async () => {
  await expect(listArchive(new Blob(['just words']))).rejects.toMatchObject({ code: 'not_an_archive' })
})
