import { STATUS_CODES } from 'node:http'
import { examples, failureExamples, streamExample, streamRequests } from './examples.ts'

type Json = Record<string, unknown>

const methods = ['get', 'post', 'patch', 'delete', 'put']
const failureTexts: Readonly<Record<string, string>> = {
  400: 'A value is out of its range, or the agent cannot be chosen.',
  401: 'The key is missing or wrong.',
  403: 'It is understood, and not allowed.',
  404: 'There is no such thing, or not for this key.',
  409: 'The state of the session does not allow it.',
  413: 'The body is too large.',
  422: 'The input does not have the right shape.',
  429: 'Too many requests of this key. `Retry-After` says when to try again.',
  500: 'A fault of the server. Its log has the details under `request_id`.',
  502: 'The auth service gave an answer that cannot be used.',
  503: 'Not now: the server shuts down or has too much to do, or the database is away. `Retry-After` says when to try again.',
  504: 'The auth service did not answer in time.',
}

/** What travels as text inside a stream or a loose body: described beside the operations. */
const alsoShown = ['StreamChunk', 'StreamRefusal', 'StreamDone', 'InboundMessageInput', 'ClientProfileInput']
/** Of `/metrics`. */
const textExample =
  '# HELP codelab_runs_active Runs that work right now.\n# TYPE codelab_runs_active gauge\ncodelab_runs_active 3\n'
const refPrefix = '#/components/schemas/'
const twin = 'Input'

/** The generated document as people and generators should see it: one component for each schema, a text for every answer, an example for
 *  every body. */
export function finishDocument(generated: unknown): Json {
  const document = withoutTwins(JSON.parse(JSON.stringify(generated)) as Json)
  for (const [name, schema] of Object.entries(objectAt(document, 'components', 'schemas'))) {
    const example = examples[name]
    if (example !== undefined) Object.assign(schema as Json, { examples: [example] })
  }
  for (const path of Object.values(objectAt(document, 'paths'))) {
    for (const method of methods) {
      const operation = (path as Json)[method]
      if (operation) finishOperation(operation as Json)
    }
  }
  return document
}

/** The generator makes two components of every schema, `X` for what is written and `XInput` for what is read. What is used stays, under one
 *  name where both say the same or only one is used. */
function withoutTwins(document: Json): Json {
  const schemas = objectAt(document, 'components', 'schemas')
  const used = reachable(schemas, [...refsIn(document['paths']), ...alsoShown])
  const shownNames = new Map<string, string>()
  for (const name of used) {
    const base = name.endsWith(twin) ? name.slice(0, -twin.length) : name
    const isSame = !used.has(base) || JSON.stringify(schemas[base]) === JSON.stringify(schemas[name])
    shownNames.set(name, base in schemas && isSame ? base : name)
  }
  const kept = Object.fromEntries([...shownNames].sort().map(([name, shown]) => [shown, schemas[name]]))
  const joined = { ...document, components: { ...objectAt(document, 'components'), schemas: kept } }
  return JSON.parse(JSON.stringify(joined), (key, value: unknown) => {
    if (key !== '$ref' || typeof value !== 'string') return value
    return refPrefix + (shownNames.get(nameIn(value)) ?? nameIn(value))
  }) as Json
}

function reachable(schemas: Json, from: readonly string[]): Set<string> {
  const found = new Set<string>()
  const open = [...from]
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (found.has(name) || !(name in schemas)) continue
    found.add(name)
    open.push(...refsIn(schemas[name]))
  }
  return found
}

function refsIn(value: unknown): string[] {
  return [...JSON.stringify(value ?? null).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref = '']) => nameIn(ref))
}

function nameIn(ref: string): string {
  return ref.replace(refPrefix, '')
}

function finishOperation(operation: Json): void {
  const body = operation['requestBody'] as Json | undefined
  if (body) {
    body['required'] = !JSON.stringify(body).includes('"type":"null"')
    addExample(body)
  }
  for (const [status, response] of Object.entries(objectAt(operation, 'responses'))) {
    const answer = response as Json
    if (answer['description'] === 'Default Response') {
      answer['description'] = failureTexts[status] ?? STATUS_CODES[status] ?? status
    }
    addExample(answer, failureExamples[status])
  }
}

/** `failure` is shown where the body is the one that all failures share. */
function addExample(holder: Json, failure?: unknown): void {
  const content = holder['content'] as Record<string, Json> | undefined
  for (const [type, media] of Object.entries(content ?? {})) {
    const component = componentOf(media['schema'])
    if (component === 'StreamRequest') media['examples'] = streamRequests
    else if (type === 'text/event-stream') media['example'] = streamExample
    else if (type === 'text/plain') media['example'] = textExample
    else media['example'] = component === 'ErrorBody' ? failure : (examples[component] ?? {})
  }
}

/** Name of the component, also of one that may be null. */
function componentOf(schema: unknown): string {
  return refsIn(schema)[0] ?? ''
}

function objectAt(value: Json, ...path: string[]): Json {
  return path.reduce<Json>((inner, key) => (inner[key] ?? {}) as Json, value)
}
