import type { Translation } from '@souffleur/ui-kit/i18n/catalogue.ts';
import type en from './en.ts';

const de: Translation<typeof en> = {
    'invite.title': 'Dürfen wir Ihnen erzählen, was gespielt wird?',
    'invite.text': 'Wählen Sie Ihre Sprache. Es dauert etwa eine Minute, und niemand entscheidet für Sie.',
    languages: 'Sprachen',
    change: 'Unsere Post abbestellen oder ändern',
    survey: 'Ein paar Fragen beantworten, ohne Namen',
    staff: 'Für Mitarbeitende: zwei Sekunden halten',
    'row.label': 'Hilfe zu diesem Bildschirm',
    'row.large': 'Große Schrift',
    'row.contrast': 'Kontrast',
    'row.low': 'Tiefer',
    'row.high': 'Höher',
    'row.data': 'Ihre Daten',
    'closed.title': 'Dieser Bildschirm ruht sich aus',
    'closed.text': 'Bitte fragen Sie an der Kasse. Dort notiert man gern, was Ihnen gefällt.',
    'full.title': 'Gerade können wir nichts aufnehmen',
    'full.text':
        'Dieser Bildschirm hat keinen Platz mehr und behält nichts von Ihnen. Bitte fragen Sie an der Kasse.',
    'idle.title': 'Sind Sie noch da?',
    'idle.text': {
        one: 'In {count} Sekunde vergisst dieser Bildschirm, was Sie hier getan haben.',
        other: 'In {count} Sekunden vergisst dieser Bildschirm, was Sie hier getan haben.',
    },
    'idle.stay': 'Ja, ich bin da',
    'idle.leave': 'Jetzt vergessen',
};

export default de;
