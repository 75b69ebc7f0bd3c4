import { dictionary } from '../../i18n/language.ts'

export const words = dictionary(
  {
    title: 'Sign in',
    hint: 'With the internal key of this server, or your own key.',
    hintTokens: 'With the internal key of this server, your own key, or a token of your identity provider.',
    expired: 'Your sign-in has ended. Nothing is lost: turns go on in the server.',
    key: 'Key',
    enter: 'Sign in',
    refused: 'This key is not accepted.',
    tooMany: 'Too many attempts. Wait a minute.',
    failed: 'The server refused it:',
    kept: 'It becomes a cookie that no script can read; the page keeps no key.',
    make: 'A key of your own: codelab keys create --user NAME',
    unreachable: 'The server does not answer',
    unreachableHint: 'It may be starting. Nothing is lost.',
  },
  {
    title: 'Вход',
    hint: 'По внутреннему ключу сервера или по личному ключу.',
    hintTokens: 'По внутреннему ключу сервера, личному ключу или токену провайдера.',
    expired: 'Время входа истекло. Ничего не потеряно: работа на сервере продолжается.',
    key: 'Ключ',
    enter: 'Войти',
    refused: 'Этот ключ не подходит.',
    tooMany: 'Слишком много попыток. Подождать минуту.',
    failed: 'Сервер отказал:',
    kept: 'Ключ превращается в cookie, недоступный скриптам; на странице он не хранится.',
    make: 'Личный ключ: codelab keys create --user ИМЯ',
    unreachable: 'Сервер не отвечает',
    unreachableHint: 'Возможно, он запускается. Ничего не потеряно.',
  },
)
