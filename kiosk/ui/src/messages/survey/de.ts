import type { Translation } from '@souffleur/ui-kit/i18n/catalogue.ts';
import type en from './en.ts';

const de: Translation<typeof en> = {
    skip: 'Lieber nicht sagen',
    start: 'Beginnen',
    'not-now': 'Nein, danke',
    send: 'Abgeben',
    'up-to': 'Höchstens {count}.',
    step: '{step}: {word}',
    text: 'Ihre Antwort',
    'thanks.title': 'Danke für Ihre Antworten',
    'thanks.text': 'Sie zählen ohne Ihren Namen. Niemand kann erkennen, dass sie von Ihnen sind.',
    'none.title': 'Wie Sie möchten',
    'none.text': 'Nichts wurde gespeichert. Einen schönen Besuch noch.',
};

export default de;
