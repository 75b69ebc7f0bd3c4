import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { Icon } from './icon.tsx'

export interface MenuItem {
  readonly text: ReactNode
  readonly hint?: ReactNode
  readonly isBad?: boolean
  readonly isChosen?: boolean
  readonly isOff?: boolean
  readonly onChoose: () => void
}

interface MenuProps {
  readonly label: string
  /** What the button shows; `className` is its look. */
  readonly children: ReactNode
  readonly className?: string
  readonly items: readonly MenuItem[]
  /** `up`: opens above, `left`: its left edge is that of the button. */
  readonly place?: string
  readonly isDisabled?: boolean
  readonly onOpen?: () => void
}

/** A button with a list of things to do or to choose. Arrows move, Esc closes and gives the focus back. */
export function Menu({ label, children, className = 'btn', items, place = '', isDisabled = false, onOpen }: MenuProps) {
  const [isOpen, open] = useState(false)
  const outer = useRef<HTMLSpanElement>(null)
  const button = useRef<HTMLButtonElement>(null)

  useEffect(() => {
    if (!isOpen) return
    itemsOf(outer.current)[0]?.focus()
    const onPointer = (event: PointerEvent) => {
      if (event.target instanceof Node && !outer.current?.contains(event.target)) open(false)
    }
    document.addEventListener('pointerdown', onPointer)
    return () => document.removeEventListener('pointerdown', onPointer)
  }, [isOpen])

  const close = () => {
    open(false)
    button.current?.focus()
  }
  const onKey = (event: KeyboardEvent) => {
    if (!isOpen) return
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (event.key === 'Escape') close()
    else if (event.key === 'Tab') open(false)
    else if (step !== undefined) move(outer.current, step)
    else return
    if (event.key !== 'Tab') event.preventDefault()
    event.stopPropagation()
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys of the list inside
    <span className={`menu-place ${place}`} ref={outer} onKeyDown={onKey}>
      <button
        ref={button}
        type="button"
        className={className}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        aria-label={label}
        title={label}
        disabled={isDisabled}
        onClick={() => {
          if (!isOpen) onOpen?.()
          open(!isOpen)
        }}
      >
        {children}
      </button>
      {isOpen && (
        <div className="menu" role="menu" aria-label={label}>
          {items.map((item, index) => (
            <button
              // biome-ignore lint/suspicious/noArrayIndexKey: a list that is drawn whole
              key={index}
              type="button"
              role={item.isChosen === undefined ? 'menuitem' : 'menuitemradio'}
              {...(item.isChosen === undefined ? {} : { 'aria-checked': item.isChosen })}
              className={item.isBad ? 'bad' : ''}
              tabIndex={-1}
              disabled={item.isOff}
              onClick={() => {
                close()
                item.onChoose()
              }}
            >
              <span className="grow">{item.text}</span>
              {item.isChosen === true && <Icon name="check" size="s" />}
              {item.hint !== undefined && <small>{item.hint}</small>}
            </button>
          ))}
        </div>
      )}
    </span>
  )
}

function itemsOf(outer: HTMLElement | null): HTMLElement[] {
  return [...(outer?.querySelectorAll<HTMLElement>('[role^="menuitem"]:not([disabled])') ?? [])]
}

function move(outer: HTMLElement | null, step: number): void {
  const all = itemsOf(outer)
  const at = all.indexOf(document.activeElement as HTMLElement)
  all[(at + step + all.length) % all.length]?.focus()
}
