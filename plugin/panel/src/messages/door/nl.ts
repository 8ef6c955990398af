import type { Translation } from '@souffleur/ui-kit/i18n/catalogue.ts';
import type en from './en.ts';

const nl: Translation<typeof en> = {
    'signIn.title': 'Wie zit aan de kassa?',
    'signIn.pin': 'Pincode van {name}',
    'signIn.digits': { one: '{count} cijfer ingevoerd', other: '{count} cijfers ingevoerd' },
    'signIn.wrong': {
        one: 'Verkeerde pincode. Nog {count} poging.',
        other: 'Verkeerde pincode. Nog {count} pogingen.',
    },
    'signIn.lockedOut': 'Te veel pogingen. Wacht {when}.',
    'signIn.other': 'Iemand anders',
    'signIn.unidentified': 'Verder zonder naam',
    'signIn.unidentifiedHint': 'Antwoorden worden bewaard en krijgen later een naam.',
    'ended.title': 'Deze pagina is niet meer verbonden',
    'ended.text': 'Open Souffleur opnieuw via het pictogram.',
    'trouble.unreachable': 'De kassa antwoordt niet. Niets opgeslagen; probeer opnieuw.',
    'trouble.other': 'Dat lukte niet. Niets opgeslagen; probeer opnieuw.',
    'signIn.delete': 'Wissen',
};

export default nl;
