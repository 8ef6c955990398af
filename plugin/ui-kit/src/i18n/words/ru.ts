import type { Translation } from '../catalogue.ts';
import type en from './en.ts';

const ru: Translation<typeof en> = {
    yes: 'Да',
    no: 'Нет',
    close: 'Закрыть',
    cancel: 'Отмена',
    back: 'Назад',
    language: 'Язык',
    'channel.email': 'Эл. почта',
    'channel.sms': 'SMS',
    'channel.phone': 'Телефон',
    'channel.post': 'Почта',
    'channel.messaging': 'Мессенджер',
    'channel.social': 'Соцсети',
    'contact.email': 'Адрес эл. почты',
    'contact.phone': 'Номер телефона',
    'contact.post': 'Почтовый адрес',
    keyboard: 'Экранная клавиатура',
    'keyboard.space': 'Пробел',
    'keyboard.delete': 'Стереть',
    'keyboard.shift': 'Заглавные',
    'keyboard.symbols': 'Цифры и знаки',
    'keyboard.letters': 'Буквы',
    'keyboard.done': 'Готово',
};

export default ru;
