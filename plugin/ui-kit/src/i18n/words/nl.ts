import type { Translation } from '../catalogue.ts';
import type en from './en.ts';

const nl: Translation<typeof en> = {
    yes: 'Ja',
    no: 'Nee',
    close: 'Sluiten',
    cancel: 'Annuleren',
    back: 'Terug',
    language: 'Taal',
    'channel.email': 'E-mail',
    'channel.sms': 'Sms',
    'channel.phone': 'Telefoon',
    'channel.post': 'Post',
    'channel.messaging': 'Chatbericht',
    'channel.social': 'Sociale media',
    'contact.email': 'E-mailadres',
    'contact.phone': 'Telefoonnummer',
    'contact.post': 'Postadres',
    keyboard: 'Schermtoetsenbord',
    'keyboard.space': 'Spatie',
    'keyboard.delete': 'Wissen',
    'keyboard.shift': 'Hoofdletters',
    'keyboard.symbols': 'Cijfers en tekens',
    'keyboard.letters': 'Letters',
    'keyboard.done': 'Klaar',
};

export default nl;
