import type { Translation } from '@souffleur/ui-kit/i18n/catalogue.ts';
import type en from './en.ts';

const ca: Translation<typeof en> = {
    'signIn.title': 'Qui hi ha a la taquilla?',
    'signIn.pin': 'PIN de {name}',
    'signIn.digits': { one: '{count} xifra introduïda', other: '{count} xifres introduïdes' },
    'signIn.wrong': {
        one: 'PIN incorrecte. Queda {count} intent.',
        other: 'PIN incorrecte. Queden {count} intents.',
    },
    'signIn.lockedOut': 'Massa intents. Espereu {when}.',
    'signIn.other': 'Una altra persona',
    'signIn.unidentified': 'Continua sense nom',
    'signIn.unidentifiedHint': 'Les respostes es desen i s’atribueixen després.',
    'ended.title': 'Aquesta pàgina ja no està connectada',
    'ended.text': 'Torneu a obrir Souffleur des de la icona.',
    'trouble.unreachable': 'La taquilla no respon. No s’ha desat res; torneu-ho a provar.',
    'trouble.other': 'No ha funcionat. No s’ha desat res; torneu-ho a provar.',
    'signIn.delete': 'Esborra',
};

export default ca;
