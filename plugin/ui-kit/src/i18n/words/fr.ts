import type { Translation } from '../catalogue.ts';
import type en from './en.ts';

const fr: Translation<typeof en> = {
    yes: 'Oui',
    no: 'Non',
    close: 'Fermer',
    cancel: 'Annuler',
    back: 'Retour',
    language: 'Langue',
    'channel.email': 'E-mail',
    'channel.sms': 'SMS',
    'channel.phone': 'Téléphone',
    'channel.post': 'Courrier',
    'channel.messaging': 'Messagerie',
    'channel.social': 'Réseaux sociaux',
    'contact.email': 'Adresse e-mail',
    'contact.phone': 'Numéro de téléphone',
    'contact.post': 'Adresse postale',
    keyboard: 'Clavier à l’écran',
    'keyboard.space': 'Espace',
    'keyboard.delete': 'Effacer',
    'keyboard.shift': 'Majuscules',
    'keyboard.symbols': 'Chiffres et signes',
    'keyboard.letters': 'Lettres',
    'keyboard.done': 'Terminé',
};

export default fr;
