import type { Translation } from '@souffleur/ui-kit/i18n/catalogue.ts';
import type en from './en.ts';

const es: Translation<typeof en> = {
    skip: 'Prefiero no decirlo',
    start: 'Empezar',
    'not-now': 'No, gracias',
    send: 'Entregar',
    'up-to': '{count} como máximo.',
    step: '{step}: {word}',
    text: 'Su respuesta',
    'thanks.title': 'Gracias por sus respuestas',
    'thanks.text': 'Cuentan sin su nombre, y nadie puede saber que son suyas.',
    'none.title': 'Como prefiera',
    'none.text': 'No se ha guardado nada. Que disfrute de la visita.',
};

export default es;
