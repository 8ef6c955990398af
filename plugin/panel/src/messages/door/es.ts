import type { Translation } from '@souffleur/ui-kit/i18n/catalogue.ts';
import type en from './en.ts';

const es: Translation<typeof en> = {
    'signIn.title': '¿Quién está en la taquilla?',
    'signIn.pin': 'PIN de {name}',
    'signIn.digits': { one: '{count} cifra introducida', other: '{count} cifras introducidas' },
    'signIn.wrong': {
        one: 'PIN incorrecto. Queda {count} intento.',
        other: 'PIN incorrecto. Quedan {count} intentos.',
    },
    'signIn.lockedOut': 'Demasiados intentos. Espere {when}.',
    'signIn.other': 'Otra persona',
    'signIn.unidentified': 'Seguir sin nombre',
    'signIn.unidentifiedHint': 'Las respuestas se guardan y se atribuyen después.',
    'ended.title': 'Esta página ya no está conectada',
    'ended.text': 'Abra Souffleur de nuevo desde su icono.',
    'trouble.unreachable': 'La taquilla no responde. No se ha guardado nada; inténtelo de nuevo.',
    'trouble.other': 'No ha funcionado. No se ha guardado nada; inténtelo de nuevo.',
    'signIn.delete': 'Borrar',
};

export default es;
