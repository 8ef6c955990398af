import type { Translation } from '../catalogue.ts';
import type en from './en.ts';

const ca: Translation<typeof en> = {
    yes: 'Sí',
    no: 'No',
    close: 'Tanca',
    cancel: 'Cancel·la',
    back: 'Enrere',
    language: 'Idioma',
    'channel.email': 'Correu electrònic',
    'channel.sms': 'SMS',
    'channel.phone': 'Telèfon',
    'channel.post': 'Correu postal',
    'channel.messaging': 'Xat',
    'channel.social': 'Xarxes socials',
    'contact.email': 'Correu electrònic',
    'contact.phone': 'Número de telèfon',
    'contact.post': 'Adreça postal',
    keyboard: 'Teclat en pantalla',
    'keyboard.space': 'Espai',
    'keyboard.delete': 'Esborra',
    'keyboard.shift': 'Majúscules',
    'keyboard.symbols': 'Xifres i signes',
    'keyboard.letters': 'Lletres',
    'keyboard.done': 'Fet',
};

export default ca;
