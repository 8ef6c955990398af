import type { Words } from '../words.ts';

const de: Words = {
    language: 'Sprache',
    'mail.title': 'Waren Sie das?',
    'mail.given': 'Diese E-Mail-Adresse wurde angegeben bei {house}: {address}',
    'mail.when': 'Am {date}.',
    'mail.where': 'Wo: {place}.',
    'mail.agreed': 'Dabei wurde vereinbart',
    'mail.waits': 'Es wird nichts gesendet, bevor Sie antworten.',
    'mail.counts': 'Das gilt bereits. Sagen Sie es, wenn Sie es nicht waren.',
    'mail.until': 'Sie können bis zum {date} antworten.',
    'mail.yes': 'Ja, das war ich',
    'mail.no': 'Das war ich nicht',
    'yes.title': 'Danke, es ist bestätigt',
    'yes.text': '{house} darf Ihnen ab jetzt dazu schreiben. Sie können das jederzeit zurücknehmen.',
    'no.title': 'Verstanden',
    'no.text': 'Es wird nichts gesendet. Wir haben die Adresse entfernt und fragen dort nicht wieder.',
    'slip.title': 'Etwas zurücknehmen',
    'slip.text':
        'Der Code auf Ihrem Beleg nimmt zurück, was vereinbart wurde. Sie müssen nicht sagen, warum.',
    'slip.code': 'Der Code auf Ihrem Beleg',
    'slip.mistyped': 'In diesem Code ist ein Schreibfehler: vergleichen Sie ihn noch einmal mit dem Beleg.',
    'slip.take': 'Zurücknehmen, was auf diesem Beleg steht',
    'slip.all': 'Gar keine Nachrichten',
    'taken.title': 'Erledigt',
    'taken.slip': 'Was auf diesem Beleg steht, ist zurückgenommen. {house} schreibt Ihnen dazu nicht mehr.',
    'taken.all': '{house} sendet Ihnen keine Nachrichten mehr.',
    'nowhere.title': 'Das führt nirgendwohin mehr',
    'nowhere.text':
        'Der Link oder Code wurde benutzt, ist abgelaufen oder nicht von uns. Der Code eines neuen Belegs braucht manchmal einen Tag bis zu uns. Haben Sie schon geantwortet, bleibt Ihre Antwort bestehen.',
    'nowhere.ask': 'Sie können uns immer schreiben oder anrufen:',
    'trouble.title': 'Das ging gerade nicht',
    'trouble.text': 'Es wurde nichts geändert. Bitte versuchen Sie es in einigen Minuten noch einmal.',
    again: 'Noch einmal versuchen',
    privacy: 'Wie wir mit Ihren Daten umgehen',
};
export default de;
