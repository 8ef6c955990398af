import '@souffleur/ui-kit/tokens.css';
import '@souffleur/ui-kit/fonts.css';
import './page.css';
import type { Language } from '@souffleur/ui-kit/api/types.ts';
import { kLanguages, ownName, pickLanguage } from '@souffleur/ui-kit/i18n/languages.ts';
import { answerMail, type House, house, type Look, look, type Outcome, takeBack } from './hub.ts';
import { type Say, speak, type Words } from './words.ts';

type View =
    | { name: 'mail'; look: Look }
    | { name: 'slip'; mistyped: boolean }
    | { name: 'said'; title: keyof Words; text: keyof Words }
    | { name: 'nowhere' }
    | { name: 'trouble'; again: () => void };

const kMail = location.pathname.endsWith('/c');
const page = document.getElementById('page') as HTMLElement;
let code = location.hash.slice(1);
let view: View = { name: 'slip', mistyped: false };
let language: Language = pickLanguage(navigator.languages, kLanguages, 'en');
let ours: House | null = null;
let say: Say;

const dark = matchMedia('(prefers-color-scheme: dark)');
const light = () => {
    document.documentElement.dataset.theme = dark.matches ? 'dark' : 'light';
};
dark.addEventListener('change', light);
light();

type Child = Node | string | null;
function make<K extends keyof HTMLElementTagNameMap>(
    tag: K,
    with_: Partial<Record<string, string | ((event: Event) => void)>>,
    ...children: Child[]
): HTMLElementTagNameMap[K] {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(with_)) {
        if (typeof value === 'function') element.addEventListener(name, value);
        else if (value !== undefined) element.setAttribute(name, value);
    }
    element.append(...children.filter((child) => child !== null));
    return element;
}

const houseName = () => ours?.names[language] ?? ours?.name ?? '';
const day = (ms: number, offsetMin = -new Date().getTimezoneOffset()) =>
    new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, {
        dateStyle: 'long',
        timeZone: 'UTC',
    })
        .format(ms + offsetMin * 60_000)
        .replace(/\s*г\.$/, '');

/** Once said, nobody who comes to this screen later finds the link. */
function said(title: keyof Words, text: keyof Words): void {
    history.replaceState(null, '', location.pathname);
    code = '';
    show({ name: 'said', title, text });
}

let busy = false;
async function act(work: () => Promise<Outcome>, done: () => void): Promise<void> {
    if (busy) return;
    busy = true;
    for (const button of page.querySelectorAll('main button')) button.setAttribute('aria-disabled', 'true');
    const outcome = await work();
    busy = false;
    if (outcome === 'done') done();
    else if (outcome === 'mistyped') show({ name: 'slip', mistyped: true });
    else if (outcome === 'nowhere') show({ name: 'nowhere' });
    else show({ name: 'trouble', again: () => void act(work, done) });
}

const button = (text: string, click: () => void) => make('button', { type: 'button', click }, text);

function mailView(what: Look): Child[] {
    const confirm = what.kind === 'confirm';
    const answer = (yes: boolean) => () =>
        void act(
            () => answerMail(code, yes),
            () => (yes ? said('yes.title', 'yes.text') : said('no.title', 'no.text')),
        );
    return [
        make('h1', { tabindex: '-1' }, say('mail.title')),
        make('p', {}, say('mail.given', { house: houseName(), address: what.address })),
        make(
            'p',
            { class: 'when' },
            say('mail.when', { date: day(what.at, what.offsetMin) }),
            what.place ? ` ${say('mail.where', { place: what.place })}` : null,
        ),
        make('h2', {}, say('mail.agreed')),
        make(
            'ul',
            {},
            ...what.agreed.map((one) =>
                make(
                    'li',
                    { lang: what.language },
                    make('b', {}, one.label),
                    one.detail ? ` ${one.detail}` : null,
                    make('blockquote', {}, one.text),
                ),
            ),
        ),
        make('p', {}, say(confirm ? 'mail.waits' : 'mail.counts')),
        make(
            'div',
            { class: 'answers' },
            confirm ? button(say('mail.yes'), answer(true)) : null,
            button(say('mail.no'), answer(false)),
        ),
        make('p', { class: 'small' }, say('mail.until', { date: day(what.expires, what.offsetMin) })),
    ];
}

function slipView(mistyped: boolean): Child[] {
    const typed = make('input', {
        id: 'code',
        type: 'text',
        autocomplete: 'off',
        autocapitalize: 'characters',
        spellcheck: 'false',
        maxlength: '120',
        'aria-describedby': 'wrong',
        ...(mistyped ? { 'aria-invalid': 'true' } : {}),
    });
    typed.value = code;
    const field = !code || mistyped;
    const take = (everything: boolean) => () => {
        if (field) code = typed.value.trim();
        if (!code) {
            typed.focus();
            return;
        }
        void act(
            () => takeBack(code, everything),
            () => said('taken.title', everything ? 'taken.all' : 'taken.slip'),
        );
    };
    return [
        make('h1', { tabindex: '-1' }, say('slip.title')),
        make('p', {}, say('slip.text')),
        field ? make('label', { for: 'code' }, say('slip.code')) : null,
        field ? typed : null,
        make('p', { id: 'wrong', class: 'wrong', role: 'alert' }, mistyped ? say('slip.mistyped') : ''),
        make(
            'div',
            { class: 'answers' },
            button(say('slip.take'), take(false)),
            button(say('slip.all'), take(true)),
        ),
    ];
}

function reach(): Child {
    if (!ours) return null;
    return make(
        'p',
        {},
        `${say('nowhere.ask')} `,
        ours.email ? make('a', { href: `mailto:${ours.email}` }, ours.email) : null,
        ours.email && ours.phone ? ' · ' : null,
        ours.phone ? make('a', { href: `tel:${ours.phone.replace(/\s/g, '')}` }, ours.phone) : null,
    );
}

function inside(): Child[] {
    switch (view.name) {
        case 'mail':
            return mailView(view.look);
        case 'slip':
            return slipView(view.mistyped);
        case 'said':
            return [
                make('h1', { tabindex: '-1' }, say(view.title)),
                make('p', {}, say(view.text, { house: houseName() })),
            ];
        case 'nowhere':
            return [
                make('h1', { tabindex: '-1' }, say('nowhere.title')),
                make('p', {}, say('nowhere.text')),
                reach(),
            ];
        case 'trouble':
            return [
                make('h1', { tabindex: '-1' }, say('trouble.title')),
                make('p', {}, say('trouble.text')),
                make('div', { class: 'answers' }, button(say('again'), view.again)),
            ];
    }
}

async function setLanguage(wanted: Language): Promise<void> {
    say = await speak(wanted);
    language = wanted;
    document.documentElement.lang = wanted;
}

function draw(): void {
    const choose = make('select', {
        'aria-label': say('language'),
        change: (event) =>
            void setLanguage((event.target as HTMLSelectElement).value as Language).then(() => {
                draw();
                page.querySelector('select')?.focus();
            }),
    });
    for (const each of kLanguages) {
        const option = make('option', { value: each, lang: each }, ownName(each));
        option.selected = each === language;
        choose.append(option);
    }
    page.replaceChildren(
        make('header', {}, make('span', { class: 'house' }, houseName()), choose),
        make('main', {}, make('div', { class: 'card' }, ...inside().filter((child) => child !== null))),
        make(
            'footer',
            {},
            ours?.privacyUrl ? make('a', { href: ours.privacyUrl, rel: 'noreferrer' }, say('privacy')) : null,
        ),
    );
    document.title = page.querySelector('h1')?.textContent ?? '';
}

/** Another view: what it says is read from its title on. */
function show(next: View): void {
    view = next;
    draw();
    const to = next.name === 'slip' ? page.querySelector<HTMLElement>('input, h1') : page.querySelector('h1');
    (to as HTMLElement | null)?.focus();
}

async function start(): Promise<void> {
    const [about] = await Promise.all([house(), setLanguage(language)]);
    ours = about;
    if (!kMail) return show({ name: 'slip', mistyped: false });
    const found = code ? await look(code) : 'nowhere';
    if (found === 'trouble') return show({ name: 'trouble', again: () => void start() });
    if (typeof found === 'string') return show({ name: 'nowhere' });
    await setLanguage(found.language);
    show({ name: 'mail', look: found });
}
window.addEventListener('hashchange', () => location.reload());
void start();
