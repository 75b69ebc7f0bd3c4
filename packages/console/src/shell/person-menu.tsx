import { common } from '../i18n/common.ts'
import { chooseLanguage, useLanguage, useWords } from '../i18n/language.ts'
import { Icon } from '../kit/icon.tsx'
import { Menu } from '../kit/menu.tsx'
import { chooseTheme, themes, useTheme } from '../theme.ts'

/** What a person sets for this browser. */
export function PersonMenu() {
  const t = useWords(common)
  const theme = useTheme()
  const language = useLanguage()
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
        label={t.language}
        className="btn ghost icon"
        place="up left"
        items={[
          { text: 'English', isChosen: language === 'en', onChoose: () => chooseLanguage('en') },
          { text: 'Русский', isChosen: language === 'ru', onChoose: () => chooseLanguage('ru') },
        ]}
      >
        <span className="who" aria-hidden="true">
          {language.toUpperCase()}
        </span>
      </Menu>
    </>
  )
}
