/** The product's mark. */
export function Mark({ size = 24 }: { readonly size?: number }) {
  return (
    <svg class="dk-mark" width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="9" />
      <g fill="none" stroke="var(--sb-on-accent)" stroke-width="2.4" stroke-linecap="round">
        <path d="M9 11.5h6.500c4.500 0 3.500 9 8 9" />
        <path d="M9 20.500h5" />
      </g>
      <g fill="var(--sb-on-accent)">
        <circle cx="9" cy="11.500" r="2.300" />
        <circle cx="9" cy="20.500" r="2.300" />
        <circle cx="23.500" cy="20.500" r="2.300" />
      </g>
    </svg>
  );
}
