import './style.css'

/** The tab of a session that draws its turns as a waterfall. */
export default function Timeline({ sessionId }: { readonly sessionId: string }) {
  return <section className="wfbox" data-session={sessionId} />
}
