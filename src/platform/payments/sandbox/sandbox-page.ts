import { Answer } from '../../http/answer.js';
import { moneyText } from '../minor-units.js';
import { MOST_COPIES, MOST_DELAY_SECONDS, USUAL_MANNER, type SandboxPaymentRecord, type SandboxStatus } from './sandbox.types.js';

/** HTML by {@link html}, the only thing that is not escaped when it is put into other HTML. */
class Markup {
  constructor(readonly text: string) {}
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (value: string | number) => String(value).replace(/[&<>"']/g, (character) => ENTITIES[character]!);

/** The only way to write HTML here: what is put in is escaped, whatever it is. */
function html(texts: TemplateStringsArray, ...values: readonly (string | number | Markup)[]): Markup {
  return new Markup(texts.reduce((all, text, at) => all + escapedUnlessMarkup(values[at - 1]!) + text));
}

const escapedUnlessMarkup = (value: string | number | Markup) => (value instanceof Markup ? value.text : escaped(value));

const STATES: Readonly<Record<SandboxStatus, string>> = {
  open: 'Not paid yet',
  paid: 'Paid',
  declined: 'Declined. You may try again',
  cancelled: 'Cancelled: this can no longer be paid',
};

const STYLE = new Markup(
  ':root{color-scheme:light dark}body{margin:0;font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;background:#f4f5f7;color:#1b1f24}' +
    'main{max-width:26rem;margin:3rem auto;padding:2rem;background:#fff;border-radius:12px}h1{margin:0;font-size:2.25rem;line-height:1.2}p{margin:.5rem 0;overflow-wrap:anywhere}' +
    '.note{margin-top:0;color:#59636f}button{font:inherit;font-weight:600;min-height:44px;padding:0 1.5rem;margin:1rem .5rem 1rem 0;border-radius:8px;border:2px solid #2456b8}' +
    '.pay{background:#2456b8;color:#fff}.decline{background:none;color:inherit}fieldset{border:1px solid #98a2b3;border-radius:8px}label{display:block;margin:.5rem 0}' +
    'input{font:inherit;width:6rem;min-height:36px;float:right}:focus-visible{outline:3px solid #d9730d;outline-offset:2px}' +
    '@media (prefers-color-scheme:dark){body{background:#0e1013;color:#f2f4f7}main{background:#1b1e24}.note{color:#a4adba}}',
);

function form(): Markup {
  return html`<form method="post">
<button class="pay" name="outcome" value="pay">Pay</button><button class="decline" name="outcome" value="decline">Decline</button>
<fieldset><legend>The webhook about it</legend>
<label>Copies (1 to ${MOST_COPIES}) <input type="number" name="copies" min="1" max="${MOST_COPIES}" value="${USUAL_MANNER.copies}"></label>
<label>Delay in seconds <input type="number" name="delaySeconds" min="0" max="${MOST_DELAY_SECONDS}" value="${USUAL_MANNER.delaySeconds}"></label>
</fieldset></form>`;
}

/** The page on which a person pays, as text. */
export function sandboxPage({ amountMinor, currency, description, status }: SandboxPaymentRecord): string {
  const amount = moneyText(amountMinor, currency);
  const isPayable = status === 'open' || status === 'declined';
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${amount} – Plaza sandbox</title><style>${STYLE}</style></head>
<body><main><p class="note">Sandbox: no money moves here.</p>
<h1>${amount}</h1><p>${description}</p><p role="status"><strong>${STATES[status]}</strong></p>
${isPayable ? form() : ''}</main></body></html>
`.text;
}

/** The page as an answer in which nothing could run, whatever were in it. */
export function pageAnswer(payment: SandboxPaymentRecord): Answer<string> {
  return new Answer(200, sandboxPage(payment), {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
  });
}
