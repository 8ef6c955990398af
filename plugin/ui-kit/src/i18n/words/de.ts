import type { Translation } from '../catalogue.ts';
import type en from './en.ts';

const de: Translation<typeof en> = {
    yes: 'Ja',
    no: 'Nein',
    close: 'Schließen',
    cancel: 'Abbrechen',
    back: 'Zurück',
    language: 'Sprache',
    'channel.email': 'E-Mail',
    'channel.sms': 'SMS',
    'channel.phone': 'Telefon',
    'channel.post': 'Post',
    'channel.messaging': 'Chat',
    'channel.social': 'Soziale Medien',
    'contact.email': 'E-Mail-Adresse',
    'contact.phone': 'Telefonnummer',
    'contact.post': 'Postanschrift',
    keyboard: 'Bildschirmtastatur',
    'keyboard.space': 'Leertaste',
    'keyboard.delete': 'Löschen',
    'keyboard.shift': 'Großbuchstaben',
    'keyboard.symbols': 'Ziffern und Zeichen',
    'keyboard.letters': 'Buchstaben',
    'keyboard.done': 'Fertig',
};

export default de;
