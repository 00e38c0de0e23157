/** A tuning fork whose tines are a falling curve: the icon of `public/icon.svg`. */
export function Logo() {
  return (
    <svg width="26" height="26" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#4a5bd4" />
      <path d="M11 6v7a5 5 0 0 0 10 0V6" fill="none" stroke="#fff" strokeWidth="3" strokeLinecap="round" />
      <path d="M16 18.5v7.5" fill="none" stroke="#fff" strokeWidth="3" strokeLinecap="round" />
      <circle cx="25" cy="24" r="2.5" fill="#f0a04b" />
      <circle cx="7" cy="24" r="2.5" fill="#5cb3f0" />
    </svg>
  )
}
