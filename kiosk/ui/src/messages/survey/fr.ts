import type { Translation } from '@souffleur/ui-kit/i18n/catalogue.ts';
import type en from './en.ts';

const fr: Translation<typeof en> = {
    skip: 'Je préfère ne pas le dire',
    start: 'Commencer',
    'not-now': 'Non merci',
    send: 'Remettre',
    'up-to': '{count} au plus.',
    step: '{step} : {word}',
    text: 'Votre réponse',
    'thanks.title': 'Merci pour vos réponses',
    'thanks.text': 'Elles comptent sans votre nom, et personne ne peut savoir qu’elles sont de vous.',
    'none.title': 'Comme vous voulez',
    'none.text': 'Rien n’a été gardé. Bonne visite.',
};

export default fr;
