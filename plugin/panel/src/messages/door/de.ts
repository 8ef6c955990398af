import type { Translation } from '@souffleur/ui-kit/i18n/catalogue.ts';
import type en from './en.ts';

const de: Translation<typeof en> = {
    'signIn.title': 'Wer ist an der Kasse?',
    'signIn.pin': 'PIN von {name}',
    'signIn.digits': { one: '{count} Ziffer eingegeben', other: '{count} Ziffern eingegeben' },
    'signIn.wrong': {
        one: 'Falsche PIN. Noch {count} Versuch.',
        other: 'Falsche PIN. Noch {count} Versuche.',
    },
    'signIn.lockedOut': 'Zu viele Versuche. {when} warten.',
    'signIn.other': 'Jemand anders',
    'signIn.unidentified': 'Ohne Namen weiter',
    'signIn.unidentifiedHint': 'Antworten bleiben erhalten und bekommen später einen Namen.',
    'ended.title': 'Diese Seite ist nicht mehr verbunden',
    'ended.text': 'Souffleur über das Symbol neu öffnen.',
    'trouble.unreachable': 'Die Kasse antwortet nicht. Nichts gespeichert; bitte erneut versuchen.',
    'trouble.other': 'Das hat nicht geklappt. Nichts gespeichert; bitte erneut versuchen.',
    'signIn.delete': 'Löschen',
};

export default de;
