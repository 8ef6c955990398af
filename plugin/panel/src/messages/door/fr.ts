import type { Translation } from '@souffleur/ui-kit/i18n/catalogue.ts';
import type en from './en.ts';

const fr: Translation<typeof en> = {
    'signIn.title': 'Qui est à la caisse ?',
    'signIn.pin': 'Code de {name}',
    'signIn.digits': { one: '{count} chiffre saisi', other: '{count} chiffres saisis' },
    'signIn.wrong': {
        one: 'Code erroné. Encore {count} essai.',
        other: 'Code erroné. Encore {count} essais.',
    },
    'signIn.lockedOut': 'Trop d’essais. Attendez {when}.',
    'signIn.other': 'Une autre personne',
    'signIn.unidentified': 'Continuer sans nom',
    'signIn.unidentifiedHint': 'Les réponses sont gardées et attribuées plus tard.',
    'ended.title': 'Cette page n’est plus connectée',
    'ended.text': 'Rouvrez Souffleur depuis son icône.',
    'trouble.unreachable': 'La caisse ne répond pas. Rien n’est enregistré ; réessayez.',
    'trouble.other': 'Échec. Rien n’est enregistré ; réessayez.',
    'signIn.delete': 'Effacer',
};

export default fr;
