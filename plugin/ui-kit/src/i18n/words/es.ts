import type { Translation } from '../catalogue.ts';
import type en from './en.ts';

const es: Translation<typeof en> = {
    yes: 'Sí',
    no: 'No',
    close: 'Cerrar',
    cancel: 'Cancelar',
    back: 'Atrás',
    language: 'Idioma',
    'channel.email': 'Correo electrónico',
    'channel.sms': 'SMS',
    'channel.phone': 'Teléfono',
    'channel.post': 'Correo postal',
    'channel.messaging': 'Chat',
    'channel.social': 'Redes sociales',
    'contact.email': 'Correo electrónico',
    'contact.phone': 'Número de teléfono',
    'contact.post': 'Dirección postal',
    keyboard: 'Teclado en pantalla',
    'keyboard.space': 'Espacio',
    'keyboard.delete': 'Borrar',
    'keyboard.shift': 'Mayúsculas',
    'keyboard.symbols': 'Cifras y signos',
    'keyboard.letters': 'Letras',
    'keyboard.done': 'Listo',
};

export default es;
