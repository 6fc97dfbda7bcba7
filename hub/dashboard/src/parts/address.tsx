/** A web address that somebody else wrote. */
import "./address.css";

/** A page of the customer's site; what is not http is shown and not linked. */
export function Address({ url }: { readonly url: string }) {
  if (!/^https?:\/\//i.test(url)) return <span dir="ltr">{url}</span>;
  return (
    <a class="dk-address" dir="ltr" href={url} target="_blank" rel="noopener noreferrer nofollow">
      {url.replace(/^https?:\/\//, "")}
    </a>
  );
}
