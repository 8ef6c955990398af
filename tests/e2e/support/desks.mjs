// The desks to look at: every flag, with invented people, worded in the cashier's language where the terminal would.
import { fitting } from './contract.mjs';

const kNow = Date.UTC(2026, 10, 22, 16, 15);
const kDay = 86_400_000;
const moment = (ms) => ({ ms, text: new Date(ms).toISOString() });
const ago = (days) => moment(kNow - days * kDay);
const id = (n) => `0192f0c1-${String(n).padStart(4, '0')}-7c55-9a10-5a2f3e9d0b77`;

// Labels and details as the terminal sends them in the cashier's language.
const kLabels = {
    en: {
        email: ['E-mail', 'newsletter, monthly'],
        post: ['Post', 'season brochure'],
        sms: ['SMS', 'last-minute seats'],
    },
    nl: {
        email: ['E-mail', 'nieuwsbrief, elke maand'],
        post: ['Post', 'seizoensbrochure'],
        sms: ['Sms', 'lastminuteplaatsen'],
    },
    de: {
        email: ['E-Mail', 'Newsletter, monatlich'],
        post: ['Post', 'Spielzeitbroschüre'],
        sms: ['SMS', 'Restplätze kurz vor Beginn'],
    },
    fr: {
        email: ['E-mail', 'lettre mensuelle'],
        post: ['Courrier', 'brochure de saison'],
        sms: ['SMS', 'places de dernière minute'],
    },
    es: {
        email: ['Correo electrónico', 'boletín mensual'],
        post: ['Correo postal', 'folleto de temporada'],
        sms: ['SMS', 'entradas de última hora'],
    },
    ca: {
        email: ['Correu electrònic', 'butlletí mensual'],
        post: ['Correu postal', 'fullet de temporada'],
        sms: ['SMS', 'entrades d’última hora'],
    },
    ru: {
        email: ['Эл. почта', 'рассылка, раз в месяц'],
        post: ['Почта', 'буклет сезона'],
        sms: ['SMS', 'билеты в последний момент'],
    },
};
const kLine = {
    en: 'May we let you know by e-mail what is on?',
    nl: 'Mogen wij u per e-mail laten weten wat er speelt?',
    de: 'Dürfen wir Ihnen per E-Mail mitteilen, was gespielt wird?',
    fr: 'Pouvons-nous vous informer de nos spectacles par e-mail ?',
    es: '¿Podemos informarle por correo electrónico de nuestra programación?',
    ca: 'Us podem informar per correu electrònic de la programació?',
    ru: 'Можно ли сообщать вам по электронной почте, что у нас идёт?',
};
const kGenres = {
    en: ['Theatre', 'Dance', 'Jazz', 'Youth', 'Opera', 'Classical'],
    nl: ['Toneel', 'Dans', 'Jazz', 'Jeugd', 'Opera', 'Klassiek'],
    de: ['Schauspiel', 'Tanz', 'Jazz', 'Jugend', 'Oper', 'Klassik'],
    fr: ['Théâtre', 'Danse', 'Jazz', 'Jeune public', 'Opéra', 'Classique'],
    es: ['Teatro', 'Danza', 'Jazz', 'Juvenil', 'Ópera', 'Clásica'],
    ca: ['Teatre', 'Dansa', 'Jazz', 'Familiar', 'Òpera', 'Clàssica'],
    ru: ['Театр', 'Танец', 'Джаз', 'Детям', 'Опера', 'Классика'],
};
const kFrequencies = {
    en: ['Weekly', 'Monthly'], nl: ['Elke week', 'Elke maand'], de: ['Wöchentlich', 'Monatlich'], fr: ['Chaque semaine', 'Chaque mois'],
    es: ['Cada semana', 'Cada mes'], ca: ['Cada setmana', 'Cada mes'], ru: ['Раз в неделю', 'Раз в месяц'],
}; // biome-ignore format: a table
const kPlace = {
    en: 'Till 1',
    nl: 'Kassa 1',
    de: 'Kasse 1',
    fr: 'Caisse 1',
    es: 'Taquilla 1',
    ca: 'Taquilla 1',
    ru: 'Касса 1',
};
const kNewsletter = {
    en: 'newsletter',
    nl: 'nieuwsbrief',
    de: 'Newsletter',
    fr: 'lettre',
    es: 'boletín',
    ca: 'butlletí',
    ru: 'рассылка',
};

/** A session of this till in `state`, for a cashier who reads `language`. */
export function session(language, state = 'signed-in') {
    return fitting('Session', {
        state,
        operator:
            state === 'signed-in' || state === 'locked'
                ? { operatorId: id(1), displayName: 'Noor', language, lockedOutForMs: 0 }
                : null,
        house: { name: 'Teatre de la Rambla Vella' },
        place: { placeId: 'till-2', name: kPlace[language].replace('1', '2') },
        language,
        languages: ['nl', 'ca', 'es', 'ru', 'en', 'de', 'fr'],
        unidentifiedAllowed: true,
        autoLockAfterMs: 300_000,
        version: '0.1.0',
    });
}

export const operators = (language, badges = false) =>
    fitting('OperatorList', {
        operators: [
            { operatorId: id(1), displayName: 'Noor', language, lockedOutForMs: 0 },
            { operatorId: id(2), displayName: 'Pau Ferrer', language: 'ca', lockedOutForMs: 0 },
            { operatorId: id(3), displayName: 'Александра', language: 'ru', lockedOutForMs: 240_000 },
            { operatorId: id(4), displayName: 'Marie-Thérèse', language: 'fr', lockedOutForMs: 0 },
        ],
        badges,
    });

function question(n, channel, language, customerLanguage, change = {}) {
    const [label, detail] = kLabels[language][channel];
    return {
        questionId: id(300 + n),
        purpose: ['newsletter', 'brochure', 'lastminute'][n] ?? 'newsletter',
        channel,
        label,
        detail,
        noticeId: `newsletter-${customerLanguage}`,
        noticeVersion: 4,
        noticeHash: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
        language: customerLanguage,
        asked: true,
        prechosen: null,
        answered: { state: 'none', at: null },
        needsContact: null,
        confirmBy: 'none',
        ...change,
    };
}

function preferences(language) {
    const ids = ['theatre', 'dance', 'jazz', 'youth', 'opera', 'classical'];
    return {
        genres: ['theatre', 'jazz'],
        frequency: 'monthly',
        language: null,
        options: {
            genres: ids.map((g, i) => ({ id: g, label: kGenres[language][i] })),
            frequencies: ['weekly', 'monthly'].map((f, i) => ({ id: f, label: kFrequencies[language][i] })),
            languages: ['nl', 'en', 'ru', 'de'],
        },
    };
}

let revision = 1000;
/** A desk with nobody on it, changed by `change`. */
export function emptyDesk(change = {}) {
    return fitting('Desk', {
        revision: ++revision,
        questionSetId: null,
        customer: null,
        flag: null,
        questions: [],
        script: null,
        situation: 'counter',
        situationSource: 'default',
        rush: { on: false, missed: 0, until: null },
        undo: { available: false, actId: null, until: null },
        lastAct: null,
        slipOffered: false,
        drawerOffered: false,
        preferences: null,
        printer: { state: 'ready', reasons: [], name: 'Slip printer', jobs: 0 },
        sync: { state: 'synced', lastAt: moment(Date.now() - 8000), pending: 0, leaseUntil: null },
        ...change,
    });
}

const kPeople = {
    ask: ['Anna Vermeer-Puig', 'nl', 'a•••@example.org'],
    partial: ['Jean-Baptiste de La Roncière-Delacroix', 'fr', 'j•••@example.net'],
    unconfirmed: ['Екатерина Александровна Константинопольская', 'ru', 'e•••@example.org'],
};
const kAsking = ['ask', 'refresh', 'partial', 'no-address', 'bounced'];

function reasonsOf(kind) {
    const reasons = {
        ask: [{ code: 'never-asked' }],
        refresh: [{ code: 'expired', at: ago(3) }],
        unconfirmed: [{ code: 'awaiting-confirmation', at: ago(6) }],
        partial: [{ code: 'partly-answered', count: 2 }, { code: 'partner-in-basket' }],
        consented: [{ code: 'given', at: ago(200) }],
        soft: [{ code: 'similar-purchase', at: ago(120) }],
        legacy: [{ code: 'undated-permission' }],
        resting: [{ code: 'said-no', at: ago(90) }],
        objected: [{ code: 'objected', at: ago(400) }],
        'no-address': [{ code: 'address-missing', channel: 'email' }],
        bounced: [{ code: 'address-bounced', channel: 'email', at: ago(12) }],
        restricted: [],
        unknown: [{ code: 'not-in-scope' }],
    };
    return reasons[kind];
}

/** What the questions of a flag stand at. */
function standing(kind, index) {
    const states = {
        consented: ['given', 'refused', 'given'],
        soft: ['soft', 'none', 'none'],
        legacy: ['legacy', 'legacy', 'none'],
        resting: ['refused', 'refused', 'refused'],
        objected: ['objected', 'objected', 'objected'],
        unconfirmed: ['unconfirmed', 'refused', 'none'],
        partial: ['given', 'none', 'none'],
        refresh: ['expired', 'none', 'deferred'],
    };
    const state = states[kind]?.[index] ?? 'none';
    return { state, at: ['none', 'soft', 'legacy', 'unconfirmed'].includes(state) ? null : ago(90) };
}

/** The desk of flag `kind` for a cashier who reads `language`, changed by `change`. */
export function deskOf(kind, language, change = {}) {
    const [displayName, theirs, masked] = kPeople[kind] ?? kPeople.ask;
    const asking = kAsking.includes(kind);
    const contacts =
        kind === 'no-address'
            ? []
            : [{ contactId: id(200), kind: 'email', masked, state: kind === 'bounced' ? 'bounced' : 'ok' }];
    const no = ['resting', 'objected'].includes(kind);
    const questions = ['email', 'post', 'sms'].map((channel, index) =>
        question(index, channel, language, theirs, {
            asked: asking && standing(kind, index).state !== 'given',
            answered: standing(kind, index),
            needsContact: kind === 'no-address' && channel === 'email' ? 'email' : null,
            confirmBy:
                kind === 'objected' ? 'own-hand' : kind === 'unconfirmed' && index === 0 ? 'mail' : 'none',
        }),
    );
    return emptyDesk({
        questionSetId: kind === 'restricted' ? null : id(500 + (revision % 400)),
        customer: {
            subjectId: id(100 + (revision % 90)),
            displayName,
            language: theirs,
            orders: kind === 'unknown' ? 1 : 4,
            since: ago(980),
            isNew: kind === 'unknown',
            contacts: kind === 'restricted' ? [] : contacts,
        },
        flag: {
            kind,
            reasons: reasonsOf(kind),
            lastNo: no
                ? {
                      at: ago(kind === 'resting' ? 90 : 400),
                      place: kPlace[language],
                      choice: kind === 'resting' ? 'refused' : 'objected',
                      channel: 'email',
                      purpose: 'newsletter',
                      purposeLabel: kNewsletter[language],
                  }
                : null,
            asOf: moment(kNow - 8000),
            ageMs: kind === 'legacy' ? 3 * kDay : 8000,
            againAt: kind === 'resting' ? moment(kNow + 275 * kDay) : null,
        },
        questions: kind === 'restricted' || kind === 'unknown' ? [] : questions,
        script: asking
            ? {
                  text: kLine[theirs],
                  language: theirs,
                  translation: theirs === language ? null : kLine[language],
                  noticeRef: `newsletter-${theirs}@4`,
              }
            : null,
        preferences: kind === 'restricted' ? null : preferences(language),
        ...change,
    });
}

/** A customer in a rush: on the desk, and nothing is asked. */
export const inRush = (language, change = {}) =>
    deskOf('ask', language, {
        rush: { on: true, missed: 3, until: null },
        flag: null,
        questions: [],
        script: null,
        questionSetId: null,
        ...change,
    });

/** An act just stored, with the given outcome. */
export function actOf(outcome, language, change = {}) {
    const choice = {
        save: 'given',
        refuse: 'refused',
        'not-now': 'deferred',
        unclear: 'deferred',
        'stop-everything': 'objected',
    }[outcome];
    const all = outcome === 'stop-everything';
    const one = (channel, said = choice) => ({
        purpose: all ? null : 'newsletter',
        purposeLabel: all ? null : kNewsletter[language],
        channel: all ? null : channel,
        choice: said,
        state: said,
    });
    return fitting('ActSummary', {
        actId: id(700),
        at: ago(0),
        outcome,
        choices:
            outcome === 'save'
                ? [one('email'), one('post', 'refused'), one('sms', 'refused')]
                : [one('email')],
        method: 'spoken',
        place: kPlace[language].replace('1', '2'),
        operator: 'Noor',
        noticeRefs: ['newsletter-nl@4'],
        own: true,
        undone: false,
        slip: 'none',
        ...change,
    });
}

/** The desk after an act: saved, undo and slip on offer. */
export function savedDesk(outcome, language) {
    const kind = { save: 'consented', refuse: 'resting', 'stop-everything': 'objected' }[outcome] ?? 'ask';
    return deskOf(kind, language, {
        lastAct: actOf(outcome, language),
        undo: { available: true, actId: id(700), until: moment(Date.now() + 300_000) },
        slipOffered: true,
    });
}

export const history = (language) =>
    fitting('ActPage', {
        acts: [
            actOf('save', language),
            actOf('refuse', language, { actId: id(701), at: ago(90), undone: true }),
            actOf('save', language, {
                actId: id(702),
                at: ago(600),
                outcome: null,
                method: 'web',
                operator: null,
                own: false,
            }),
            actOf('stop-everything', language, { actId: id(703), at: ago(900), method: 'paper' }),
        ],
        next: 'MTg0MQ',
    });

export const found = () =>
    fitting('SearchResults', {
        results: [
            {
                subjectId: id(100),
                displayName: 'Anna Vermeer-Puig',
                contacts: ['a•••@example.org'],
                flagKind: 'ask',
                orders: 4,
                since: null,
            },
            {
                subjectId: id(102),
                displayName: 'Annelies van der Meer',
                contacts: ['a•••@example.net', '+31 6 •••• ••12'],
                flagKind: 'resting',
                orders: 12,
                since: null,
            },
            {
                subjectId: id(103),
                displayName: 'Анна Вермеер',
                contacts: [],
                flagKind: 'consented',
                orders: 1,
                since: null,
            },
        ],
        step: 'exact',
        slip: 'none',
        more: true,
    });

export const notice = (language) =>
    fitting('NoticeList', {
        notices: [
            {
                noticeId: `newsletter-${language}`,
                version: 4,
                language,
                hash: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
                purpose: 'newsletter',
                purposeLabel: kNewsletter[language],
                question: kLine[language],
                text: 'Het theater gebruikt uw e-mailadres om u te laten weten wat er speelt. U kunt dat elk moment stoppen.',
                withdrawal: 'Via de link in elke e-mail, of aan de kassa.',
            },
        ],
    });

export const printJob = (state) =>
    fitting('PrintJob', { jobId: id(600), actId: id(700), state, at: ago(0), expiresAt: null });
export { id };
