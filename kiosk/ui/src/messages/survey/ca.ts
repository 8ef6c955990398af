import type { Translation } from '@souffleur/ui-kit/i18n/catalogue.ts';
import type en from './en.ts';

const ca: Translation<typeof en> = {
    skip: 'M’estimo més no dir-ho',
    start: 'Començar',
    'not-now': 'No, gràcies',
    send: 'Lliurar',
    'up-to': '{count} com a màxim.',
    step: '{step}: {word}',
    text: 'La vostra resposta',
    'thanks.title': 'Gràcies per les vostres respostes',
    'thanks.text': 'Compten sense el vostre nom, i ningú no pot saber que són vostres.',
    'none.title': 'Com vulgueu',
    'none.text': 'No s’ha guardat res. Que gaudiu de la visita.',
};

export default ca;
