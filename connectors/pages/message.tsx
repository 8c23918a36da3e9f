import { renderToString } from 'hono/jsx/dom/server';
import { Layout } from './layout.tsx';

/** A page that says one thing: what is the case, and what the person can do. */
export interface Message {
  readonly title: string;
  readonly paragraphs: readonly string[];
  /** The one way on from here. */
  readonly next?: { readonly address: string; readonly text: string };
}

export function messagePage({ title, paragraphs, next }: Message): string {
  return `<!doctype html>${renderToString(
    <Layout title={`${title} - Parapet`}>
      <section class="lead">
        <h1>{title}</h1>
        {paragraphs.map((text) => (
          <p>{text}</p>
        ))}
        {next === undefined ? null : (
          <p>
            <a class="next" href={next.address}>
              {next.text}
            </a>
          </p>
        )}
      </section>
    </Layout>,
  )}`;
}
