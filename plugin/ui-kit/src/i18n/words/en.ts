/** Words that every page needs. */
const en = {
    yes: 'Yes',
    no: 'No',
    close: 'Close',
    cancel: 'Cancel',
    back: 'Back',
    language: 'Language',
    'channel.email': 'E-mail',
    'channel.sms': 'SMS',
    'channel.phone': 'Phone',
    'channel.post': 'Post',
    'channel.messaging': 'Chat message',
    'channel.social': 'Social media',
    'contact.email': 'E-mail address',
    'contact.phone': 'Phone number',
    'contact.post': 'Postal address',
    keyboard: 'On-screen keyboard',
    'keyboard.space': 'Space',
    'keyboard.delete': 'Delete',
    'keyboard.shift': 'Capitals',
    'keyboard.symbols': 'Digits and signs',
    'keyboard.letters': 'Letters',
    'keyboard.done': 'Done',
} as const;

export default en;
