/**
 * What is published about an incident, before any medium has shaped it. Renderers for tickets, chat and mail turn each
 * block into their own form and escape for it. Every `text`, `label`, `value` and item is plain text: no Markdown, no HTML,
 * no control or invisible characters (line breaks only in `code`); it may still hold hostile words, so a renderer must escape it and must not turn
 * what looks like an address in it into a link. Only `link.url` is a link, and it always points at Parapet itself.
 * Evidence is referred to as `[E3]`.
 */
export type Block =
  | { readonly type: 'heading'; readonly text: string }
  | { readonly type: 'paragraph'; readonly text: string }
  | { readonly type: 'bullets'; readonly items: readonly string[] }
  | { readonly type: 'facts'; readonly rows: readonly { readonly label: string; readonly value: string }[] }
  | { readonly type: 'code'; readonly text: string }
  | { readonly type: 'link'; readonly text: string; readonly url: string };
