import type { Child } from 'hono/jsx';
import { STYLE } from './style.ts';

/** The frame of every page here. No script, no outside resource; `lang` and `title` for screen readers. */
export function Layout(props: { readonly title: string; readonly children: Child }) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        {/* Phones turn numbers into links by themselves; a digest is no telephone number. */}
        <meta name="format-detection" content="telephone=no, date=no, address=no, email=no" />
        <title>{props.title}</title>
        {/* Our own constant, which the policy allows by its hash: it must stay byte for byte. */}
        <style dangerouslySetInnerHTML={{ __html: STYLE }} />
      </head>
      <body>
        <header class="brand">
          <strong>Parapet</strong>
          <span>Approval of a response action</span>
        </header>
        <main id="main">{props.children}</main>
      </body>
    </html>
  );
}
