import type { Request } from '../request.ts'
import { call, type Rule, type Script } from '../script.ts'
import { textsFor } from '../texts.ts'

const wish =
  /^(?:create|make|add|new|созда(?:й|йте|ть)|сдела(?:й|йте|ть)|добавь(?:те)?|заведи(?:те)?)\s+(?:me\s+|мне\s+)?(?:(?:an?|the|new|empty|новую|новый|новое|пустую|пустой)\s+)*(?:folder|directory|dir|папку|каталог|директорию)(?![\p{L}])\s*(?:(?:called|named|under the name|с\s+именем|с\s+названием|под\s+названием|по\s+имени)\s+)?([^\s,;]*)/iu

/** Create a folder. */
export const folder: Rule = {
  name: 'folder',
  agent: 'coder',
  match(request) {
    const found = wish.exec(request.masked)
    if (!found) return undefined
    return make(request, request.plain(found[1] ?? '').replace(/[.!?/]+$/, ''))
  },
}

function* make(request: Request, path: string): Script {
  const t = textsFor(request)
  if (path === '') return t.folderName
  const outcome = yield* call('create_directory', { path })
  const { already_exists: isOld, created } = outcome.data
  return isOld === true || created === false ? t.folderThere(path) : t.folderCreated(path)
}
