import { common } from '../i18n/common.ts'
import { chooseLanguage, useLanguage, useWords } from '../i18n/language.ts'
import { Icon } from '../kit/icon.tsx'
import { Menu } from '../kit/menu.tsx'
import { signOut, useSignIn } from '../net/sign-in-state.ts'
import { chooseTheme, themes, useTheme } from '../theme.ts'

/** What a person sets for this browser. */
export function PersonMenu() {
  const t = useWords(common)
  const theme = useTheme()
  const language = useLanguage()
  const { user } = useSignIn()
  const names = { system: t.themeSystem, light: t.themeLight, dark: t.themeDark }
  return (
    <>
      <Menu
        label={t.theme}
        className="btn ghost icon"
        place="up left"
        items={themes.map((name) => ({
          text: names[name],
          isChosen: name === theme,
          onChoose: () => chooseTheme(name),
        }))}
      >
        <Icon name="theme" />
      </Menu>
      <Menu
        label={user === null ? t.operator : user}
        className="btn ghost icon"
        place="up left"
        items={[
          { text: 'English', isChosen: language === 'en', onChoose: () => chooseLanguage('en') },
          { text: 'Русский', isChosen: language === 'ru', onChoose: () => chooseLanguage('ru') },
          { text: t.signOut, onChoose: () => void signOut() },
        ]}
      >
        <span className="who" data-initials={(user ?? t.operator).slice(0, 2).toUpperCase()} />
      </Menu>
    </>
  )
}
