import type { Translation } from '@souffleur/ui-kit/i18n/catalogue.ts';
import type en from './en.ts';

const es: Translation<typeof en> = {
    'invite.title': '¿Quiere que le avisemos de lo que hacemos?',
    'invite.text': 'Elija su idioma. Dura más o menos un minuto y nadie decide por usted.',
    languages: 'Idiomas',
    change: 'Parar o cambiar nuestros mensajes',
    survey: 'Responder unas preguntas, sin dar el nombre',
    staff: 'Para el personal: mantenga pulsado dos segundos',
    'row.label': 'Ayuda con esta pantalla',
    'row.large': 'Letra grande',
    'row.contrast': 'Contraste',
    'row.low': 'Más abajo',
    'row.high': 'Más arriba',
    'row.data': 'Sus datos',
    'closed.title': 'Esta pantalla descansa',
    'closed.text': 'Pregunte en la taquilla. Con gusto anotarán lo que le gusta.',
    'full.title': 'Ahora no podemos recoger nada',
    'full.text': 'Esta pantalla no tiene espacio y por eso no guarda nada de usted. Pregunte en la taquilla.',
    'idle.title': '¿Sigue ahí?',
    'idle.text': {
        one: 'En {count} segundo esta pantalla olvidará lo que ha hecho aquí.',
        many: 'En {count} segundos esta pantalla olvidará lo que ha hecho aquí.',
        other: 'En {count} segundos esta pantalla olvidará lo que ha hecho aquí.',
    },
    'idle.stay': 'Sí, sigo aquí',
    'idle.leave': 'Olvidarlo ahora',
};

export default es;
