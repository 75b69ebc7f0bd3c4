import type { Language, Request } from './request.ts'

const russianPlural = new Intl.PluralRules('ru')

function counted(count: number, one: string, few: string, many: string): string {
  const rule = russianPlural.select(count)
  return `${count} ${rule === 'one' ? one : rule === 'few' ? few : many}`
}

function plural(count: number, one: string): string {
  return `${count} ${count === 1 ? one : one.endsWith('y') ? `${one.slice(0, -1)}ies` : `${one}s`}`
}

const settings = '`OPENAI_API_KEY`, `ANTHROPIC_API_KEY` or `AGENT_RUNTIME__LLM_PROXY_URL`'

const en = {
  fallback: `I am the demo model, a few rules and no language model, and this request fits none of them. To connect a real model, set ${settings} and start the server again.

What I do understand, on your real files:
- "What is in this project?"
- "Explain src/main.ts", "Compare a.ts and b.ts"
- "Create notes.md with text Hello"
- "In a.txt replace one with two", "Change line 3 of a.txt to Hello"
- "Run \`npm test\`"
- "Where is loadUser used?"
- "Plan a move to PostgreSQL"`,
  tooLong:
    'This request is longer than the rules of the demo model can read. Put a long text between two lines of ```, and the request before it.',
  lost: 'The demo model has lost the thread of this request: the results do not belong to what it would have asked for. Please ask again.',
  rejected: (tool: string, reason: string) =>
    `The call of \`${tool}\` was rejected${reason ? `: ${reason}` : '.'}\n\nIt was not carried out, and I do not try it again.`,
  failed: (tool: string, reason: string) => `\`${tool}\` did not work${reason ? `: ${reason}` : '.'}\n\nI stop here.`,
  missingTool: (tool: string) =>
    `This needs the tool \`${tool}\`, which I am not offered here: either the current agent may not use it or the connected client does not have it. Nothing was done.`,
  handoff: (tool: string) => `The request needs ${tool}, which this agent may not use`,
  tooLarge: (path: string) => `\`${path}\` is too large for me to have seen all of it, so I do not touch it.`,
  files: (count: number) => plural(count, 'file'),
  folders: (count: number) => plural(count, 'folder'),
  lines: (count: number) => plural(count, 'line'),
  times: (count: number) => plural(count, 'place'),
  more: (count: number) => `… and ${count} more`,

  looking: 'I look at what is there first.',
  emptyFolder: (folder: string) => (folder === '.' ? 'The project folder is empty.' : `\`${folder}\` is empty.`),
  overview: (folder: string, files: string, folders: string) =>
    `${folder === '.' ? 'The top folder of this project' : `\`${folder}\``} holds ${files} and ${folders}:`,
  readmeSays: (path: string) => `\`${path}\` says:`,
  scripts: 'Scripts',
  dependencies: (count: number) => plural(count, 'dependency'),
  noReadme: 'There is no README that would say more.',

  fileIs: (path: string, language: string, lines: string) => `\`${path}\`: ${language}, ${lines}.`,
  emptyFile: (path: string) => `\`${path}\` is empty.`,
  partly: 'I saw only part of it; the rest was cut because the file is large.',
  plainText: 'text',
  outline: {
    function: 'Functions',
    class: 'Classes',
    type: 'Types',
    heading: 'Headings',
    key: 'Keys at the top',
    target: 'Targets',
    selector: 'Selectors',
  },
  atLine: (line: number) => `line ${line}`,
  imports: 'Uses',
  itSaysOfItself: 'It says of itself',
  beginsWith: 'It begins with:',
  noUnderstanding: 'This is an outline by simple rules; what the code means, the demo model cannot tell.',

  identical: (a: string, b: string) => `\`${a}\` and \`${b}\` are identical.`,
  comparison: (a: string, b: string, same: number, onlyA: number, onlyB: number) =>
    `${plural(same, 'line')} of \`${a}\` ${same === 1 ? 'is' : 'are'} also in \`${b}\`; only in \`${a}\`: ${onlyA}, only in \`${b}\`: ${onlyB}.`,
  firstDifference: (line: number) => `They first differ in line ${line}:`,
  unreadable: (path: string, reason: string) => `\`${path}\` could not be read: ${reason}`,

  creating: (path: string) => `I create \`${path}\`.`,
  created: (path: string, lines: string) => `Created \`${path}\` (${lines}).`,
  nameChosen: 'You named no file, so I chose a free name.',
  exists: (path: string) =>
    `\`${path}\` exists already, so I did not create it and left it as it is. To change it, say for example "in ${path} replace X with Y".`,
  startOfFile: (title: string) => `Started with CodeLab: ${title}`,
  folderName: 'Please name the folder, for example "create a folder docs".',
  folderCreated: (path: string) => `Created the folder \`${path}\`.`,
  folderThere: (path: string) => `The folder \`${path}\` was there already.`,

  replacing: (path: string, places: string) => `I change ${places} in \`${path}\`.`,
  changed: (path: string, places: string) => `Changed ${places} in \`${path}\`:`,
  writtenAsEdited: (path: string) => `Wrote \`${path}\` the way you changed it.`,
  notFoundInFile: (text: string, path: string) => `\`${text}\` does not occur in \`${path}\`. Nothing was changed.`,
  sameText: 'The old and the new text are the same. Nothing was changed.',
  noSuchLine: (line: number, path: string, lines: string) =>
    `\`${path}\` has ${lines}, so there is no line ${line}. Nothing was changed.`,

  running: (command: string) => `I run \`${command}\`.`,
  ran: (command: string, code: string) => `\`${command}\` ended with exit code ${code}.`,
  ranUnknown: (command: string) => `\`${command}\` was run; the client told no exit code.`,
  timedOut: (command: string) => `\`${command}\` was stopped because it took too long.`,
  noOutput: 'It printed nothing.',
  errorOutput: 'Error output:',
  lastLines: (count: number) => `The last ${count} lines:`,
  noTask: (task: string) =>
    `I found nothing here that tells how to run the ${task}. Name the command, for example "run \`npm test\`".`,
  tasks: { test: 'tests', build: 'build', lint: 'linter' },

  nothingFound: (query: string) => `\`${query}\` was not found in the files that the search looks at.`,
  found: (query: string, places: string) => `\`${query}\` occurs in ${places}:`,
  foundMore: 'The search stopped at its limit; there may be more.',

  planning: (path: string) => `I write the plan to \`${path}\`.`,
  planned: (path: string, steps: number) =>
    `The plan is in \`${path}\`: ${plural(steps, 'step')}. It is a frame made by rules; what is special about your project has to be filled in by you or by a real model.`,
  plan: {
    title: (goal: string, _asObject: boolean) => `Plan: ${goal}`,
    goal: 'Goal',
    today: 'What exists today',
    steps: 'Steps',
    check: 'How to check',
    risks: 'Risks and open questions',
    nothing: 'The project folder is empty.',
    firstStep: 'Read the parts of the project that this touches, and write down what must not change.',
    testStep: 'Write a test that shows the goal is not reached yet.',
    work: (part: string) => `Carry out: ${part}`,
    lastStep: 'Run all tests, and update the documentation.',
    checks: ['All tests of the project pass.', 'Every step above can be shown on its own.'],
    questions: ['What has to keep working while this is under way?', 'Who decides that it is done?'],
  },

  reasons: {
    run: 'wants a command to be run',
    plan: 'asks for a plan',
    folder: 'wants a folder to be created',
    change: 'wants a file to be changed',
    create: 'wants a file to be created',
    compare: 'wants files to be read',
    search: 'asks where something is',
    overview: 'asks what is in the project',
    explain: 'asks about a file',
  },
  keywordReason: (word: string) => `the word "${word}"`,
  noReason: 'nothing points to another agent',
}

export type Texts = typeof en
export type RuleName = keyof Texts['reasons']

const ru: Texts = {
  fallback: `Я демо-модель: набор простых правил, а не языковая модель, и этот запрос ни под одно из них не подходит. Чтобы подключить настоящую модель, задайте ${settings.replace(' or ', ' или ')} и перезапустите сервер.

Что я понимаю и выполняю на настоящих файлах:
- «Что в этом проекте?»
- «Объясни src/main.ts», «Сравни a.ts и b.ts»
- «Создай notes.md с текстом Привет»
- «Замени один на два в файле a.txt», «Замени строку 3 в a.txt на Привет»
- «Запусти \`npm test\`»
- «Где используется loadUser?»
- «Составь план перехода на PostgreSQL»`,
  tooLong:
    'Запрос длиннее, чем могут прочесть правила демо-модели. Поместите длинный текст между двумя строками ```, а сам запрос перед ним.',
  lost: 'Демо-модель потеряла нить этого запроса: результаты не относятся к тому, что она бы запросила. Повторите, пожалуйста, запрос.',
  rejected: (tool, reason) =>
    `Вызов \`${tool}\` отклонён${reason ? `: ${reason}` : '.'}\n\nОн не выполнен, и повторять его я не буду.`,
  failed: (tool, reason) => `\`${tool}\` не сработал${reason ? `: ${reason}` : '.'}\n\nНа этом я останавливаюсь.`,
  missingTool: (tool) =>
    `Для этого нужен инструмент \`${tool}\`, а он мне здесь недоступен: его не разрешено использовать текущему агенту или его нет у подключённого клиента. Ничего не сделано.`,
  handoff: (tool) => `Для запроса нужен ${tool}, а этому агенту он недоступен`,
  tooLarge: (path) => `\`${path}\` слишком велик, я вижу его не целиком и поэтому не трогаю.`,
  files: (count) => counted(count, 'файл', 'файла', 'файлов'),
  folders: (count) => counted(count, 'папка', 'папки', 'папок'),
  lines: (count) => counted(count, 'строка', 'строки', 'строк'),
  times: (count) => counted(count, 'место', 'места', 'мест'),
  more: (count) => `… и ещё ${count}`,

  looking: 'Сначала посмотрю, что здесь есть.',
  emptyFolder: (folder) => (folder === '.' ? 'Папка проекта пуста.' : `\`${folder}\`: папка пуста.`),
  overview: (folder, files, folders) =>
    `${folder === '.' ? 'В корне проекта' : `В \`${folder}\``} ${files} и ${folders}:`,
  readmeSays: (path) => `Из \`${path}\`:`,
  scripts: 'Скрипты',
  dependencies: (count) => counted(count, 'зависимость', 'зависимости', 'зависимостей'),
  noReadme: 'README, где было бы сказано больше, нет.',

  fileIs: (path, language, lines) => `\`${path}\`: ${language}, ${lines}.`,
  emptyFile: (path) => `\`${path}\` пуст.`,
  partly: 'Я вижу только часть: файл большой, остальное обрезано.',
  plainText: 'текст',
  outline: {
    function: 'Функции',
    class: 'Классы',
    type: 'Типы',
    heading: 'Заголовки',
    key: 'Ключи верхнего уровня',
    target: 'Цели',
    selector: 'Селекторы',
  },
  atLine: (line) => `строка ${line}`,
  imports: 'Использует',
  itSaysOfItself: 'О себе файл говорит',
  beginsWith: 'Начало файла:',
  noUnderstanding: 'Это оглавление по простым правилам; что код означает, демо-модель сказать не может.',

  identical: (a, b) => `\`${a}\` и \`${b}\` совпадают полностью.`,
  comparison: (a, b, same, onlyA, onlyB) =>
    `Общих строк у \`${a}\` и \`${b}\`: ${same}; только в \`${a}\`: ${onlyA}, только в \`${b}\`: ${onlyB}.`,
  firstDifference: (line) => `Первое различие в строке ${line}:`,
  unreadable: (path, reason) => `\`${path}\` прочитать не удалось: ${reason}`,

  creating: (path) => `Создаю \`${path}\`.`,
  created: (path, lines) => `Файл \`${path}\` создан (${lines}).`,
  nameChosen: 'Имя вы не назвали, поэтому я выбрал свободное.',
  exists: (path) =>
    `\`${path}\` уже есть, поэтому я его не создавал и не менял. Чтобы изменить его, скажите, например: «в файле ${path} замени X на Y».`,
  startOfFile: (title) => `Создано в CodeLab: ${title}`,
  folderName: 'Назовите папку, например: «создай папку docs».',
  folderCreated: (path) => `Папка \`${path}\` создана.`,
  folderThere: (path) => `Папка \`${path}\` уже была.`,

  replacing: (path, places) => `Меняю в \`${path}\`: ${places}.`,
  changed: (path, places) => `Изменено ${places} в \`${path}\`:`,
  writtenAsEdited: (path) => `Файл \`${path}\` записан так, как вы его изменили.`,
  notFoundInFile: (text, path) => `\`${text}\` в \`${path}\` не встречается. Ничего не изменено.`,
  sameText: 'Старый и новый текст совпадают. Ничего не изменено.',
  noSuchLine: (line, path, lines) => `В \`${path}\` ${lines}, строки ${line} там нет. Ничего не изменено.`,

  running: (command) => `Запускаю \`${command}\`.`,
  ran: (command, code) => `\`${command}\`: код возврата ${code}.`,
  ranUnknown: (command) => `\`${command}\`: команда выполнена, код возврата клиент не сообщил.`,
  timedOut: (command) => `\`${command}\`: остановлено, потому что выполнялось слишком долго.`,
  noOutput: 'Вывода нет.',
  errorOutput: 'Вывод ошибок:',
  lastLines: (count) => `Последние строки (${count}):`,
  noTask: (task) =>
    `Я не нашёл, какой командой здесь запускать ${task}. Назовите команду, например: «запусти \`npm test\`».`,
  tasks: { test: 'тесты', build: 'сборку', lint: 'линтер' },

  nothingFound: (query) => `\`${query}\` в файлах, которые смотрит поиск, не найдено.`,
  found: (query, places) => `\`${query}\` встречается, ${places}:`,
  foundMore: 'Поиск остановился на своём пределе; мест может быть больше.',

  planning: (path) => `Записываю план в \`${path}\`.`,
  planned: (path, steps) =>
    `План в \`${path}\`: ${counted(steps, 'шаг', 'шага', 'шагов')}. Это заготовка по правилам; особенности вашего проекта должны вписать вы или настоящая модель.`,
  plan: {
    // «План перехода», but «План: кэш».
    title: (goal, asObject) => (asObject ? `План ${goal}` : `План: ${goal}`),
    goal: 'Цель',
    today: 'Что есть сейчас',
    steps: 'Шаги',
    check: 'Как проверить',
    risks: 'Риски и открытые вопросы',
    nothing: 'Папка проекта пуста.',
    firstStep: 'Прочитать части проекта, которых это касается, и записать, что не должно измениться.',
    testStep: 'Написать тест, который показывает, что цель ещё не достигнута.',
    work: (part) => `Сделать часть: «${part}»`,
    lastStep: 'Прогнать все тесты и обновить документацию.',
    checks: ['Все тесты проекта проходят.', 'Каждый шаг можно показать отдельно.'],
    questions: ['Что должно работать, пока это делается?', 'Кто решает, что готово?'],
  },

  reasons: {
    run: 'нужно запустить команду',
    plan: 'нужен план',
    folder: 'нужно создать папку',
    change: 'нужно изменить файл',
    create: 'нужно создать файл',
    compare: 'нужно прочитать файлы',
    search: 'вопрос, где что находится',
    overview: 'вопрос, что есть в проекте',
    explain: 'вопрос о файле',
  },
  keywordReason: (word) => `слово «${word}»`,
  noReason: 'ничто не указывает на другого агента',
}

/** Everything the demo model says. */
const texts: Readonly<Record<Language, Texts>> = { en, ru }

export function textsFor({ language }: Pick<Request, 'language'>): Texts {
  return texts[language]
}
