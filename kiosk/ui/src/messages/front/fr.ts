import type { Translation } from '@souffleur/ui-kit/i18n/catalogue.ts';
import type en from './en.ts';

const fr: Translation<typeof en> = {
    'invite.title': 'Voulez-vous savoir ce qui se joue ici ?',
    'invite.text': 'Choisissez votre langue. Cela prend environ une minute, et personne ne décide pour vous.',
    languages: 'Langues',
    change: 'Arrêter ou modifier nos envois',
    survey: 'Répondre à quelques questions, sans nom',
    staff: 'Pour le personnel : maintenir deux secondes',
    'row.label': 'Aide pour cet écran',
    'row.large': 'Grand texte',
    'row.contrast': 'Contraste',
    'row.low': 'Plus bas',
    'row.high': 'Plus haut',
    'row.data': 'Vos données',
    'closed.title': 'Cet écran se repose',
    'closed.text': 'Adressez-vous à la billetterie. On y notera volontiers ce que vous aimez.',
    'full.title': 'Nous ne pouvons rien noter pour le moment',
    'full.text': 'Cet écran n’a plus de place et ne garde donc rien de vous. Adressez-vous à la billetterie.',
    'idle.title': 'Êtes-vous toujours là ?',
    'idle.text': {
        one: 'Dans {count} seconde, cet écran oubliera ce que vous y avez fait.',
        many: 'Dans {count} secondes, cet écran oubliera ce que vous y avez fait.',
        other: 'Dans {count} secondes, cet écran oubliera ce que vous y avez fait.',
    },
    'idle.stay': 'Oui, je suis là',
    'idle.leave': 'Oublier maintenant',
};

export default fr;
