import type { Translation } from '@souffleur/ui-kit/i18n/catalogue.ts';
import type en from './en.ts';

const ca: Translation<typeof en> = {
    'invite.title': 'Vol que l’avisem del que fem?',
    'invite.text': 'Triï la seva llengua. Dura més o menys un minut i ningú no decideix per vostè.',
    languages: 'Llengües',
    change: 'Aturar o canviar els nostres missatges',
    survey: 'Respondre unes preguntes, sense dir el nom',
    staff: 'Per al personal: mantingui-ho premut dos segons',
    'row.label': 'Ajuda amb aquesta pantalla',
    'row.large': 'Lletra gran',
    'row.contrast': 'Contrast',
    'row.low': 'Més avall',
    'row.high': 'Més amunt',
    'row.data': 'Les seves dades',
    'closed.title': 'Aquesta pantalla descansa',
    'closed.text': 'Demani-ho a la taquilla. Apuntaran de bon grat el que li agrada.',
    'full.title': 'Ara no podem recollir res',
    'full.text': 'Aquesta pantalla no té espai i, per tant, no guarda res de vostè. Demani-ho a la taquilla.',
    'idle.title': 'Encara hi és?',
    'idle.text': {
        one: 'D’aquí a {count} segon aquesta pantalla oblidarà el que hi ha fet.',
        many: 'D’aquí a {count} segons aquesta pantalla oblidarà el que hi ha fet.',
        other: 'D’aquí a {count} segons aquesta pantalla oblidarà el que hi ha fet.',
    },
    'idle.stay': 'Sí, encara hi soc',
    'idle.leave': 'Oblidar-ho ara',
};

export default ca;
