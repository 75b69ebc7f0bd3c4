import type { ButtonHTMLAttributes, ReactNode } from 'react'
import { Icon, type IconName } from './icon.tsx'

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** `pri`: the one thing to do here. */
  readonly kind?: 'pri' | 'ghost' | 'bad'
  readonly size?: 's' | 'lg'
  readonly icon?: IconName
  readonly hotkey?: string
  readonly children?: ReactNode
}

export function Button({ kind, size, icon, hotkey, children, className, ...rest }: ButtonProps) {
  return (
    <button type="button" className={['btn', kind, size, className].filter(Boolean).join(' ')} {...rest}>
      {icon && <Icon name={icon} size="s" />}
      {children}
      {hotkey && <kbd>{hotkey}</kbd>}
    </button>
  )
}

export function IconButton({
  icon,
  label,
  size,
  className,
  ...rest
}: Omit<ButtonProps, 'children' | 'kind'> & { readonly icon: IconName; readonly label: string }) {
  return (
    <button
      type="button"
      className={['btn ghost icon', size, className].filter(Boolean).join(' ')}
      aria-label={label}
      title={label}
      {...rest}
    >
      <Icon name={icon} {...(size === 's' ? { size } : {})} />
    </button>
  )
}

/** One of a few, all seen at once. */
export function Segments<T extends string>({
  label,
  value,
  options,
  onChoose,
}: {
  label: string
  value: T
  options: readonly (readonly [T, string])[]
  onChoose: (value: T) => void
}) {
  return (
    <fieldset className="seg" aria-label={label}>
      {options.map(([option, text]) => (
        <button key={option} type="button" aria-pressed={option === value} onClick={() => onChoose(option)}>
          {text}
        </button>
      ))}
    </fieldset>
  )
}
