// What an invented house asks in its lobby, with the wordings that the packs share; and what its kiosk says. People are invented.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { openContract } from './contract.mjs';

export const lobby = openContract('kiosk/lobby/openapi.yaml');
export const kAll = ['nl', 'ca', 'es', 'ru', 'en', 'de', 'fr'];
const kHouse = 'Theater Het Voorbeeld';

/** The wordings of a language by "purpose.channel". */
function wordings(language) {
    const file = new URL(`../../../plugin/policy/wordings/standard-1.${language}.toml`, import.meta.url);
    const text = readFileSync(file, 'utf8');
    const stop = /^stop = "(.*)"$/m.exec(text)[1];
    const filled = (line) =>
        line
            .replaceAll('{stop}', stop)
            .replaceAll('{house}', kHouse)
            .replaceAll('{address}', 'Korte Straat 1, 1234 AB Voorbeeldstad')
            .replaceAll('{phone}', '+31 20 000 0000')
            .replaceAll('{email}', 'mail@example.org')
            .replaceAll('{withdraw}', 'example.org/w')
            .replaceAll('{privacy}', 'example.org/privacy');
    const found = {};
    for (const [, name, body] of text.matchAll(/^\[notice\.([\w.-]+)\]\n((?:\w+ = ".*"\n?)+)/gm)) {
        const fields = Object.fromEntries(
            [...body.matchAll(/^(\w+) = "(.*)"$/gm)].map(([, k, v]) => [k, filled(v)]),
        );
        const sha256 = createHash('sha256').update(fields.text).digest('hex');
        const [purpose] = name.split('.');
        found[name] = { notice: { id: purpose, version: 101, language, sha256 }, ...fields };
    }
    return found;
}
const kWordings = Object.fromEntries(kAll.map((language) => [language, wordings(language)]));
const kContact = {
    email: 'email',
    sms: 'phone',
    phone: 'phone',
    messaging: 'phone',
    post: 'post',
    record: null,
};

function question(name, { needs = null, confirm = false } = {}) {
    const [purpose, channel] = name.split('.');
    return {
        purpose,
        channel,
        contact: kContact[channel],
        needs,
        confirm,
        wordings: Object.fromEntries(kAll.map((language) => [language, kWordings[language][name]])),
    };
}

const kGenres = {
    theatre: ['Theater', 'Teatre', 'Teatro', 'Театр', 'Theatre', 'Theater', 'Théâtre'],
    dance: ['Dans', 'Dansa', 'Danza', 'Танец', 'Dance', 'Tanz', 'Danse'],
    opera: ['Opera', 'Òpera', 'Ópera', 'Опера', 'Opera', 'Oper', 'Opéra'],
    concert: ['Klassieke muziek', 'Música clàssica', 'Música clásica', 'Классическая музыка', 'Classical music', 'Klassische Musik', 'Musique classique'],
    jazz: ['Jazz', 'Jazz', 'Jazz', 'Джаз', 'Jazz', 'Jazz', 'Jazz'],
    family: ['Familie', 'Família', 'Familia', 'Для всей семьи', 'Family', 'Familie', 'Famille'],
    comedy: ['Cabaret', 'Comèdia', 'Comedia', 'Комедия', 'Comedy', 'Kabarett', 'Humour'],
}; // biome-ignore format: a table
const kFrequencies = {
    yearly: ['Eens per jaar', 'Un cop l’any', 'Una vez al año', 'Раз в год', 'Once a year', 'Einmal im Jahr', 'Une fois par an'],
    quarterly: ['Een paar keer per jaar', 'Uns quants cops l’any', 'Unas veces al año', 'Несколько раз в год', 'A few times a year', 'Ein paar Mal im Jahr', 'Quelques fois par an'],
    monthly: ['Elke maand', 'Cada mes', 'Cada mes', 'Каждый месяц', 'Every month', 'Jeden Monat', 'Chaque mois'],
}; // biome-ignore format: a table
const options = (table) =>
    Object.entries(table).map(([id, labels]) => ({
        id,
        labels: Object.fromEntries(kAll.map((language, at) => [language, labels[at]])),
    }));

/** A house; its own language comes first. `more` overrides anything. */
export function house(own = 'nl', more = {}) {
    return lobby.fitting('House', {
        revision: '1',
        names: Object.fromEntries(kAll.map((language) => [language, kHouse])),
        languages: [own, ...kAll.filter((language) => language !== own)],
        theme: { accent: '#8a1538', onAccent: '#ffffff', paper: '#fffaf3', ink: '#1d1a16', logo: null },
        questions: [
            question('newsletter.email', { confirm: true }),
            question('brochure.post'),
            question('last-minute.sms'),
            question('personal-offers.email', { confirm: true }),
        ],
        age: { atLeast: 16 },
        likes: { genres: options(kGenres), frequencies: options(kFrequencies) },
        surveys: { anonymous: null, beside: null },
        country: 'NL',
        contacts: ['email', 'phone', 'post'],
        printer: true,
        staffMenu: true,
        withdrawUrl: 'https://example.org/w',
        privacyUrl: 'https://example.org/privacy',
        idle: { firstMs: 25_000, typingMs: 90_000, warnMs: 20_000 },
        ...more,
    });
}

/** The questionnaires of the Dutch pack, as the kiosk gives them to the page. Reads as much of TOML as they are written in. */
function questionnaires() {
    const text = readFileSync(new URL('../../../plugin/policy/packs/nl.toml', import.meta.url), 'utf8');
    const texts = (body, key) =>
        Object.fromEntries(
            [...body.matchAll(new RegExp(`^${key}\\.(\\w\\w) = "(.*)"$`, 'gm'))].map(([, l, t]) => [l, t]),
        );
    const one = (body, key) => new RegExp(`^${key} = "?([^"\n]*)"?`, 'm').exec(body)?.[1];
    const questionOf = (body) => {
        const kind = one(body, 'kind');
        const found = [...body.matchAll(/\{ id = "([\w-]+)", label = \{ (.*?) \} \}/g)].map(
            ([, id, labels]) => ({
                id,
                labels: Object.fromEntries(
                    [...labels.matchAll(/(\w\w) = "(.*?)"/g)].map(([, l, t]) => [l, t]),
                ),
            }),
        );
        const rule = /^show-if = \{ question = "([\w-]+)", answer = "([\w-]+)" \}/m.exec(body);
        const [from, to] = [Number(one(body, 'min')), Number(one(body, 'max'))];
        return {
            id: one(body, 'id'),
            kind,
            purpose: one(body, 'purpose'),
            text: texts(body, 'text'),
            options: found,
            atMost: kind === 'multi' ? Number(one(body, 'at-most') ?? found.length) : 0,
            scale: kind === 'scale' ? { from, to, low: texts(body, 'low'), high: texts(body, 'high') } : null,
            maxChars: Number(one(body, 'max-chars') ?? 0),
            showIf: rule && { question: rule[1], answers: [rule[2]] },
        };
    };
    const [, ...forms] = text.split('[[questionnaire]]\n');
    return Object.fromEntries(
        forms.map((form) => {
            const [head, ...questions] = form.split('[[questionnaire.question]]\n');
            const id = one(head, 'id');
            const anonymous = one(head, 'mode') === 'anonymous';
            return [id, { id, version: Number(one(head, 'version')), anonymous, title: texts(head, 'title'), intro: texts(head, 'intro'), questions: questions.map(questionOf) }]; // biome-ignore format: one thought
        }),
    );
}
export const kSurveys = questionnaires();

/** A house that asks both: by itself without a name, and beside a sign-up. */
export const askingHouse = (own = 'nl', more = {}) =>
    house(own, { surveys: { anonymous: kSurveys.foyer, beside: kSurveys.taste }, ...more });

/** Where the law wants a document of its own first, as in Russia. */
export function strictHouse(own = 'ru', more = {}) {
    const needs = 'personal-data';
    return house(own, {
        revision: '2',
        questions: [
            question('personal-data.record'),
            question('newsletter.email', { needs, confirm: true }),
            question('brochure.post', { needs }),
            question('last-minute.sms', { needs }),
            question('last-minute.messaging', { needs }),
            question('personal-offers.email', { needs }),
            question('personal-offers.phone', { needs }),
            question('personal-offers.post', { needs }),
            question('donations.email', { needs }),
        ],
        age: { atLeast: 18 },
        country: 'RU',
        ...more,
    });
}

export const health = (more = {}) =>
    lobby.fitting('Health', {
        takes: true,
        reason: null,
        printer: 'ready',
        online: true,
        houseRevision: '1',
        ...more,
    });

export const staffStatus = (more = {}) =>
    lobby.fitting('StaffStatus', {
        name: 'Foyer',
        waiting: 1204,
        lastSignUp: 1795364092000,
        lastContact: null,
        printer: 'paper-low',
        version: '0.1.0',
        clock: 1795364092000,
        clockUncertain: true,
        room: 'plenty',
        enrolment: 'active',
        ...more,
    });

export const kCode = '7ZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZF';

/** Modules that look like those of a QR code of 37 by 37 within a quiet zone: what it says matters to no test here. */
function qr() {
    const size = 45;
    let path = '';
    const dark = (x, y) => {
        for (const [left, top] of [[0, 0], [30, 0], [0, 30]]) {
            const [dx, dy] = [x - left, y - top];
            if (dx >= -1 && dx <= 7 && dy >= -1 && dy <= 7) {
                const ring = Math.max(Math.abs(dx - 3), Math.abs(dy - 3));
                return ring === 3 || ring <= 1;
            }
        }
        return ((x * 7919 + y * 104729) ^ (x * y * 31)) % 7 < 3;
    }; // biome-ignore format: one thought
    for (let y = 0; y < 37; y++)
        for (let x = 0; x < 37; x++) if (dark(x, y)) path += `M${x + 4} ${y + 4}h1v1h-1z`;
    return { size, path };
}

export const signedUp = (more = {}) =>
    lobby.fitting('SignedUp', {
        slip: { code: kCode, link: `https://example.org/w#${kCode}`, qr: qr() },
        slipPrintable: true,
        confirmByMail: true,
        ...more,
    });

export const problem = (status, code, more = {}) => ({
    status,
    body: lobby.fitting('Problem', { type: 'about:blank', title: 'refused', status, code, ...more }),
});
const verdict = (more) => ({ ok: true, code: null, field: null, shown: null, suggestion: null, ...more });

/** What the kiosk would say to `POST /checks`, near enough for the page; the real look is the process's own. */
export function checked({ email = null, phone = null, post = null }) {
    const whole = /^[^@\s]+@[^@\s]+\.\p{L}{2,}$/u;
    const look = {
        email: email === null ? null : !whole.test(email) ? verdict({ ok: false, code: 'email-invalid' }) : verdict({ shown: email, suggestion: email.includes('@gmial.') ? email.replace('gmial', 'gmail') : null }),
        phone: phone === null ? null : phone.replace(/\D/g, '').length < 9 ? verdict({ ok: false, code: 'phone-invalid' }) : verdict({ shown: phone }),
        post: post === null ? null : !/\d/.test(post.postalCode) ? verdict({ ok: false, code: 'postal-code-invalid', field: 'postalCode' }) : verdict({ shown: 'x' }),
    }; // biome-ignore format: a table
    return { body: lobby.fitting('Checked', look) };
}
