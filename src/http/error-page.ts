import { errorCodes, errorEntry } from './error-catalogue.ts';

/** The catalogue as a page for people: the `type` of each error leads to its row. */
export function errorPage(): string {
  const rows = errorCodes.map((code) => {
    const { status, title, when, advice, fields } = errorEntry(code);
    const cells = [
      `<code>${code}</code>`,
      status,
      title,
      html(when),
      fields.map(codeElement).join(', '),
      html(advice),
    ];
    return `<tr id="${code}">${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
  });
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Errors</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem }
td, th { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #ccc }
tr:target { background: #fff3bf }
</style>
<h1>Errors</h1>
<p>Every error is <code>application/problem+json</code>. Its <code>code</code> never changes its meaning.
<p><a href="/api/docs">The API</a>
<table>
<tr><th>Code<th>Status<th>Title<th>When<th>More fields<th>What to do</tr>
${rows.join('\n')}
</table>
</html>
`;
}

function codeElement(text: string): string {
  return `<code>${text}</code>`;
}

function html(markdown: string): string {
  return markdown
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/`([^`]+)`/g, '<code>$1</code>');
}
