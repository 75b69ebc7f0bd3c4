import { stat } from 'node:fs/promises'
import type { CallPreview, ToolOutcome } from './executor.ts'
import { createFolders } from './open-folder.ts'
import type { Place, Workspace } from './paths.ts'
import type { Tool } from './tool.ts'
import { flag, requiredText, type ToolArguments } from './tool-arguments.ts'
import { ToolError } from './tool-error.ts'

export function createCreateDirectory(workspace: Workspace): Tool {
  async function run(values: ToolArguments): Promise<ToolOutcome> {
    const place = await locateFolder(workspace, values)
    const created = place.missing.length > 0
    if (created) {
      const folder = await createFolders(workspace, place.existing, place.missing, place.shown)
      await folder.close()
    }
    return {
      ok: true,
      result: { success: true, path: place.shown, created },
      summary: created ? 'created' : 'exists already',
    }
  }

  async function preview(values: ToolArguments): Promise<CallPreview> {
    const place = await locateFolder(workspace, values)
    return { kind: 'directory', path: place.shown, exists: place.missing.length === 0 }
  }

  return { name: 'create_directory', hasEffects: true, run, preview }
}

async function locateFolder(workspace: Workspace, values: ToolArguments): Promise<Place> {
  const path = requiredText(values, 'path')
  const recursive = flag(values, 'recursive', true)
  const place = await workspace.locate(path, 'write')
  if (place.missing.length > 1 && !recursive) {
    const parent = place.shown.split('/').slice(0, -1).join('/')
    throw new ToolError(`The folder "${parent}" does not exist. Set recursive to true to create it.`, 'no such folder')
  }
  if (!(await stat(place.existing)).isDirectory()) {
    throw new ToolError(`"${place.shown}" is a file already.`, 'is a file')
  }
  return place
}
