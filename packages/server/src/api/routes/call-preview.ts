import { CallPath, ErrorBody, PreviewCallRequest, StoredPreview } from '@codelab/protocol'
import { ownerOf } from '../http/identity.ts'
import { callPreview } from '../shapes/tool-call.ts'
import { failuresOfBody } from './failures.ts'
import type { Api, RouteDeps } from './route-deps.ts'

/** What a call would do, from the client that runs the tools. */
export function addCallPreviewRoute(app: Api, { application }: RouteDeps): void {
  app.post(
    '/sessions/:session_id/tool-calls/:call_id/preview',
    {
      schema: {
        operationId: 'previewToolCall',
        summary: 'Show what a call would do',
        description:
          'From the client that runs the tools, while the call waits for a person: the diff that the person decides on. The last one counts; the same one again changes nothing.',
        tags: ['sessions'],
        params: CallPath,
        body: PreviewCallRequest,
        response: { 200: StoredPreview, ...failuresOfBody, 404: ErrorBody, 409: ErrorBody },
      },
    },
    async (request) => {
      const { session_id: sessionId, call_id: callId } = request.params
      const { old_sha256: oldSha256, diff, truncated } = request.body
      const preview = await application.commands.previewCall({
        ...ownerOf(request),
        sessionId,
        callId,
        preview: { oldSha256, diff, truncated },
      })
      return { session_id: sessionId, call_id: callId, preview: callPreview(preview) }
    },
  )
}
