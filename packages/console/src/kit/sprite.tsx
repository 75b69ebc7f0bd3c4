/** Every icon of the console, once in the page; drawn where it is used by `Icon`, `Status` and `AgentMark`. */
export function Sprite() {
  return (
    <svg width="0" height="0" aria-hidden="true" className="sprite">
      <symbol id="i-mark" viewBox="0 0 24 24">
        <path d="M4 6h16M4 12h11M4 18h6" stroke="currentColor" strokeWidth="2.5" strokeLinecap="round" fill="none" />
        <circle cx="17" cy="18" r="3" fill="var(--accent)" />
      </symbol>
      <symbol id="i-ses" viewBox="0 0 16 16">
        <path d="M2.5 4h11M2.5 8h11M2.5 12h6" />
      </symbol>
      <symbol id="i-inbox" viewBox="0 0 16 16">
        <path d="M2.5 9.5 4.2 3.6a1 1 0 0 1 1-.8h5.6a1 1 0 0 1 1 .8l1.7 5.9v2.7a1 1 0 0 1-1 1h-9a1 1 0 0 1-1-1zM2.5 9.5h3.2l.8 1.6h3l.8-1.6h3.2" />
      </symbol>
      <symbol id="i-use" viewBox="0 0 16 16">
        <path d="M3 13V8.5M8 13V3M13 13V6" />
      </symbol>
      <symbol id="i-try" viewBox="0 0 16 16">
        <rect x="2" y="3" width="12" height="10" rx="1.5" />
        <path d="m4.8 6.2 2 1.8-2 1.8M8.6 10h2.6" />
      </symbol>
      <symbol id="i-health" viewBox="0 0 16 16">
        <path d="M1.8 8.5h2.9L6.3 4l3 8 1.7-3.5h3.2" />
      </symbol>
      <symbol id="i-search" viewBox="0 0 16 16">
        <circle cx="7" cy="7" r="4.2" />
        <path d="m10.2 10.2 3 3" />
      </symbol>
      <symbol id="i-filter" viewBox="0 0 16 16">
        <path d="M2.5 4.5h11M4.5 8h7M6.5 11.5h3" />
      </symbol>
      <symbol id="i-dots" viewBox="0 0 16 16">
        <g fill="currentColor" stroke="none">
          <circle cx="3.5" cy="8" r="1.2" />
          <circle cx="8" cy="8" r="1.2" />
          <circle cx="12.5" cy="8" r="1.2" />
        </g>
      </symbol>
      <symbol id="i-right" viewBox="0 0 16 16">
        <path d="m6 3.5 4.5 4.5L6 12.5" />
      </symbol>
      <symbol id="i-down" viewBox="0 0 16 16">
        <path d="m3.5 6 4.5 4.5L12.5 6" />
      </symbol>
      <symbol id="i-check" viewBox="0 0 16 16">
        <path d="m3 8.5 3.2 3.2L13 4.8" />
      </symbol>
      <symbol id="i-x" viewBox="0 0 16 16">
        <path d="m4 4 8 8M12 4l-8 8" />
      </symbol>
      <symbol id="i-stop" viewBox="0 0 16 16">
        <rect x="4" y="4" width="8" height="8" rx="1.5" />
      </symbol>
      <symbol id="i-plus" viewBox="0 0 16 16">
        <path d="M8 3v10M3 8h10" />
      </symbol>
      <symbol id="i-send" viewBox="0 0 16 16">
        <path d="M8 13V3.5M3.8 7.5 8 3.3l4.2 4.2" />
      </symbol>
      <symbol id="i-file" viewBox="0 0 16 16">
        <path d="M4 2h5l3.5 3.5V13a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V3a1 1 0 0 1 1-1zM9 2v3.5h3.5" />
      </symbol>
      <symbol id="i-dir" viewBox="0 0 16 16">
        <path d="M2 4a1 1 0 0 1 1-1h3l1.5 1.8H13a1 1 0 0 1 1 1V12a1 1 0 0 1-1 1H3a1 1 0 0 1-1-1z" />
      </symbol>
      <symbol id="i-arrow" viewBox="0 0 16 16">
        <path d="M3 8h9.5M9 4.5 12.5 8 9 11.5" />
      </symbol>
      <symbol id="i-steer" viewBox="0 0 16 16">
        <path d="M3 3v4.5a2 2 0 0 0 2 2h8M9.8 6.3 13 9.5l-3.2 3.2" />
      </symbol>
      <symbol id="i-queue" viewBox="0 0 16 16">
        <path d="M2.5 4h11M2.5 8h6M2.5 12h6M12 8.5v5M9.5 11h5" />
      </symbol>
      <symbol id="i-eye" viewBox="0 0 16 16">
        <path d="M1.5 8S4 3.8 8 3.8 14.5 8 14.5 8 12 12.2 8 12.2 1.5 8 1.5 8z" />
        <circle cx="8" cy="8" r="1.8" />
      </symbol>
      <symbol id="i-fork" viewBox="0 0 16 16">
        <circle cx="4.5" cy="3.5" r="1.5" />
        <circle cx="11.5" cy="3.5" r="1.5" />
        <circle cx="8" cy="12.5" r="1.5" />
        <path d="M4.5 5v1.5A1.5 1.5 0 0 0 6 8h4a1.5 1.5 0 0 0 1.5-1.5V5M8 8v3" />
      </symbol>
      <symbol id="i-retry" viewBox="0 0 16 16">
        <path d="M13 8a5 5 0 1 1-1.5-3.6M13 2.5v2.7h-2.7" />
      </symbol>
      <symbol id="i-copy" viewBox="0 0 16 16">
        <rect x="5.5" y="5.5" width="8" height="8" rx="1.2" />
        <path d="M10.5 5.5v-2a1 1 0 0 0-1-1h-6a1 1 0 0 0-1 1v6a1 1 0 0 0 1 1h2" />
      </symbol>
      <symbol id="i-theme" viewBox="0 0 16 16">
        <circle cx="8" cy="8" r="5.5" />
        <path d="M8 2.5v11a5.5 5.5 0 0 0 0-11z" fill="currentColor" stroke="none" />
      </symbol>
      <symbol id="i-shield" viewBox="0 0 16 16">
        <path d="M8 1.8 13 3.6v4.1c0 3-2.1 5.3-5 6.5-2.9-1.2-5-3.5-5-6.5V3.6z" />
      </symbol>
      <symbol id="i-user" viewBox="0 0 16 16">
        <circle cx="8" cy="5.5" r="2.5" />
        <path d="M3 13.5c.6-2.6 2.6-4 5-4s4.4 1.4 5 4" />
      </symbol>
      <symbol id="i-dl" viewBox="0 0 16 16">
        <path d="M8 2.5v8M4.5 7.2 8 10.6l3.5-3.4M3 13.5h10" />
      </symbol>
      <symbol id="i-plug" viewBox="0 0 16 16">
        <path d="M6 2v3M10 2v3M4.5 5h7v2.5a3.5 3.5 0 0 1-7 0zM8 11v3" />
      </symbol>
      <symbol id="i-alert" viewBox="0 0 16 16">
        <path d="M8 2.5 14.3 13H1.7zM8 6.5v3M8 11.3v.1" />
      </symbol>
      <symbol id="t-wait" viewBox="0 0 14 14">
        <circle cx="7" cy="7" r="6.2" fill="currentColor" />
        <path d="M5.5 4.8v4.4M8.5 4.8v4.4" stroke="var(--surface)" strokeWidth="1.5" strokeLinecap="round" />
      </symbol>
      <symbol id="t-run" viewBox="0 0 14 14">
        <circle cx="7" cy="7" r="5.2" fill="none" stroke="currentColor" strokeWidth="1.6" opacity=".25" />
        <path
          d="M7 1.8A5.2 5.2 0 0 1 12.2 7"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.6"
          strokeLinecap="round"
        />
      </symbol>
      <symbol id="t-ok" viewBox="0 0 14 14">
        <path
          d="m3 7.4 2.7 2.7L11 4.4"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.6"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      </symbol>
      <symbol id="t-bad" viewBox="0 0 14 14">
        <circle cx="7" cy="7" r="6.2" fill="currentColor" />
        <path d="m4.9 4.9 4.2 4.2M9.1 4.9 4.9 9.1" stroke="var(--surface)" strokeWidth="1.5" strokeLinecap="round" />
      </symbol>
      <symbol id="t-idle" viewBox="0 0 14 14">
        <circle cx="7" cy="7" r="4.6" fill="none" stroke="currentColor" strokeWidth="1.5" strokeDasharray="2 2.1" />
      </symbol>
      <symbol id="g-o" viewBox="0 0 14 14">
        <circle cx="3" cy="7" r="1.5" />
        <circle cx="11" cy="3" r="1.5" />
        <circle cx="11" cy="11" r="1.5" />
        <path d="M4.5 7H6a1.5 1.5 0 0 0 1.5-1.5v-1A1.5 1.5 0 0 1 9 3h.5M6 7a1.5 1.5 0 0 1 1.5 1.5v1A1.5 1.5 0 0 0 9 11h.5" />
      </symbol>
      <symbol id="g-c" viewBox="0 0 14 14">
        <path d="M4.5 4 1.7 7l2.8 3M9.5 4l2.8 3-2.8 3M8 2.8 6 11.2" />
      </symbol>
      <symbol id="g-a" viewBox="0 0 14 14">
        <path d="M7 1.8v2M7 3.8 2.8 12M7 3.8 11.2 12M4.4 9h5.2" />
      </symbol>
      <symbol id="g-d" viewBox="0 0 14 14">
        <circle cx="7" cy="7" r="4" />
        <path d="M7 1v3.2M7 9.8V13M1 7h3.2M9.8 7H13" />
      </symbol>
      <symbol id="g-q" viewBox="0 0 14 14">
        <path d="M4.6 5a2.4 2.4 0 1 1 3.5 2.1C7.4 7.5 7 8 7 8.8M7 11.4v.1" />
      </symbol>
    </svg>
  )
}
