import type { Translation } from '@souffleur/ui-kit/i18n/catalogue.ts';
import type en from './en.ts';

const nl: Translation<typeof en> = {
    skip: 'Liever niet zeggen',
    start: 'Beginnen',
    'not-now': 'Nee, dank u',
    send: 'Inleveren',
    'up-to': 'Hooguit {count}.',
    step: '{step}: {word}',
    text: 'Uw antwoord',
    'thanks.title': 'Dank u wel voor uw antwoorden',
    'thanks.text': 'Ze tellen mee zonder uw naam. Niemand kan zien dat ze van u zijn.',
    'none.title': 'Zoals u wilt',
    'none.text': 'Er is niets bewaard. Nog een fijn bezoek.',
};

export default nl;
